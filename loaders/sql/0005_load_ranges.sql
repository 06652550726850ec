-- One row per batch and topic-partition: which offsets it covered, and what became of them. The ranges of a
-- topic-partition and generation tile: each first is the last of the range before, plus one. kind: 'landed' (by the
-- loader), 'repaired' (written on the next assignment, where a loader died between rows and range), 'lost' (no longer
-- in Kafka), 'recreated' (the topic is a new one). gaps: offsets within first..last that Kafka never handed out
-- (control records, aborted transactions, compaction).
create table if not exists {database}.load_ranges
(
    topic LowCardinality(String),
    generation UInt32,
    partition UInt32,
    first Int64,
    last Int64,
    kind LowCardinality(String),
    usable UInt64,
    sidelined UInt64,
    gaps UInt64,
    stream LowCardinality(String),
    recorded_at DateTime64(3, 'UTC') default now64(3)
)
engine = ReplacingMergeTree(recorded_at)
order by (topic, generation, partition, first, last, kind)
