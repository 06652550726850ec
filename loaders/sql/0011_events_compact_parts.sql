-- A batch of up to 64 MB lands as one file with its marks, not as one per column: each file is synced to the disk, which at
-- 1 kB an event took a quarter of an insert. Merges of batches make wide parts of them.
alter table {database}.events modify setting min_bytes_for_wide_part = 268435456
