-- One row per time that the breaker stopped a topic (action 'stop', where it read, and what it said), and one per partition
-- each time that a person let the topic go on (action 'resume', up to which offset it takes whatever comes). Rows are only
-- added; the last of a topic says whether it is stopped.
create table if not exists {database}.breaker_log
(
    topic LowCardinality(String),
    generation UInt32,
    partition UInt32,
    offset Int64,
    action LowCardinality(String),
    reason String,
    at DateTime64(3, 'UTC') default now64(3)
)
engine = MergeTree
order by (topic, at)
