-- Dagster asks every half minute what was recorded since, and must not look through a year of ranges for it. In each
-- topic-partition ranges follow one another in time, so that a granule is of a short one.
alter table {database}.load_ranges
    add index if not exists recorded recorded_at type minmax granularity 1,
    materialize index recorded
