-- One row per claim of a topic-partition by a loader. The claim with the highest (epoch, claim) holds; every insert of
-- rows checks that its own still does, so that a loader that was paused and overtaken cannot land a range again.
create table if not exists {database}.load_claims
(
    topic LowCardinality(String),
    partition UInt32,
    epoch UInt64,
    claim String,
    claimed_at DateTime64(3, 'UTC') default now64(3)
)
engine = MergeTree
order by (topic, partition, epoch)
settings fsync_after_insert = 1, fsync_part_directory = 1
