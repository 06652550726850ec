-- As for events.
alter table {database}.people
    add index if not exists coordinates (topic, generation, partition, offset) type minmax granularity 1,
    materialize index coordinates
