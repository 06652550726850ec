-- One row per topic-partition and generation: up to which offset its unusable records were sent to the sideline topic.
create table if not exists {database}.sideline_published
(
    topic LowCardinality(String),
    generation UInt32,
    partition UInt32,
    offset Int64,
    published_at DateTime64(3, 'UTC') default now64(3)
)
engine = ReplacingMergeTree(offset)
order by (topic, generation, partition)
