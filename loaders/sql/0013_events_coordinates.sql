-- Who asks for what landed last must not look through a year of parts. Where a granule ends one topic-partition and begins the next,
-- the primary key alone cannot tell how far its offsets go, and there is one for each topic-partition in each part.
alter table {database}.events
    add index if not exists coordinates (topic, generation, partition, offset) type minmax granularity 1,
    materialize index coordinates
