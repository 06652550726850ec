-- Raw events are written once and read by ranges, so a few more parts cost nothing, and merges of many parts at once write
-- each row half as often as merges of five.
alter table {database}.events modify setting min_parts_to_merge_at_once = 16
