-- One row per Kafka record of the stream, usable or not. loaded_at is one value per insert, so that an insert is one
-- block in one partition: it lands whole or not at all. The fsyncs keep the order of landing true through a power cut:
-- a later batch never outlives an earlier one, and the highest offset stands for all below it.
create table if not exists {database}.people
(
    topic LowCardinality(String),
    generation UInt32,
    partition UInt32,
    offset Int64 codec(Delta, ZSTD(1)),
    key Nullable(String) codec(ZSTD(1)),
    kafka_timestamp DateTime64(3, 'UTC') codec(Delta, ZSTD(1)),
    headers Array(Tuple(name String, value Nullable(String))),
    payload String codec(ZSTD(1)),
    error_class LowCardinality(String),
    error_reason LowCardinality(String),
    check_version UInt16,
    lane LowCardinality(String),
    replay_seq UInt64,
    fix LowCardinality(String),
    loaded_at DateTime64(3, 'UTC') codec(Delta, ZSTD(1)),
    index unusable error_class type set(8) granularity 1,
    index replayed lane type set(2) granularity 1
)
engine = MergeTree
partition by toYYYYMM(loaded_at)
order by (topic, generation, partition, offset)
settings fsync_after_insert = 1, fsync_part_directory = 1
