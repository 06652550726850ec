-- One row per topic-partition and generation: from the offset `first` on, past the last record that was handed out,
-- Kafka was read up to, not including, `next`, and kept what lies between to itself (control records, aborted
-- transactions). Retention may remove that, and no row tells of it: without this it would seem to be records lost.
create table if not exists {database}.load_passed
(
    topic LowCardinality(String),
    generation UInt32,
    partition UInt32,
    first Int64,
    next Int64,
    passed_at DateTime64(3, 'UTC') default now64(3)
)
engine = ReplacingMergeTree(next)
order by (topic, generation, partition)
