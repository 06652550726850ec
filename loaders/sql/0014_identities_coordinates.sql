-- As for events.
alter table {database}.identities
    add index if not exists coordinates (topic, generation, partition, offset) type minmax granularity 1,
    materialize index coordinates
