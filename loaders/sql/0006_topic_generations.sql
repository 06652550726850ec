-- One row per generation of a topic after the first (0), made by a person who decided to go on with a topic that was
-- deleted and made again, or whose records ran out of retention before they were read.
create table if not exists {database}.topic_generations
(
    topic LowCardinality(String),
    generation UInt32,
    reason String,
    started_at DateTime64(3, 'UTC') default now64(3)
)
engine = ReplacingMergeTree(started_at)
order by (topic, generation)
