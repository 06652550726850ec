-- One row per thing done with an unusable record: action 'retry' (the check ran again and still said no), 'fix' (a fix
-- was tried in vain), 'discard' (by a person, with a reason), 'die' (attempts are used up). Rows are only added.
create table if not exists {database}.sideline_log
(
    topic LowCardinality(String),
    generation UInt32,
    partition UInt32,
    offset Int64,
    action LowCardinality(String),
    error_class LowCardinality(String),
    check_version UInt16,
    reason String,
    at DateTime64(3, 'UTC') default now64(3)
)
engine = MergeTree
order by (topic, generation, partition, offset, at)
