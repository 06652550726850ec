-- Nothing asks how many values a column has, which the engine would count of all columns in each merge: of payloads, too.
alter table {database}.events modify setting auto_statistics_types = ''
