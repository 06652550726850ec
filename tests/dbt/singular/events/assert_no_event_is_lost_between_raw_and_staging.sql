{{ config(tags=['nightly'], meta={'dagster': {'ref': {'name': 'int_events_sessionized'}}}) }}
-- Every usable record is an event or a copy of one.
{% set streams = [
    ('events', ref('int_events_sessionized'), ref('stg_raw__event_copies')),
    ('identities', ref('stg_raw__identities'), ref('stg_raw__identity_copies')),
    ('people', ref('stg_raw__people'), ref('stg_raw__people_copies')),
] -%}
{% for stream, staged, copies in streams %}
    select
        '{{ stream }}' as stream,
        (select countIf(error_class = '') from {{ source('raw', stream) }}) as usable,
        (select count() from {{ staged }}) as staged,
        (select count() from {{ copies }}) as copies
    where usable != staged + copies
    {{ 'union all' if not loop.last }}
{% endfor %}
