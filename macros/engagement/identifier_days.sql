{#
    How `int_identifier_days` goes on from what stands. A new event adds to its day. Where an event went, and on all days of
    a device whose owners changed, days are counted again, as a first and a last time cannot be taken back.
#}
{% macro events_of_identifier_days() -%}
    {%- set facts, recounted = ref('int_events_sessionized'), working_table('recounted') -%}
    {%- if is_incremental_build() -%}
        {%- set is_recounted = '(identifier_key, activity_date) in (select identifier_key, activity_date from ' ~ recounted ~ ')' -%}
        select project_id, identifier_key, activity_date, occurred_at, is_counted
        from {{ net_event_changes(1, working_table('changed')) }}
        where not {{ is_recounted }}
        union all
        {{ active_events(data_of(facts), conditions=[
            'closed = 0',
            'identifier_key in (select identifier_key from ' ~ recounted ~ ')',
            is_recounted,
        ]) }}
    {%- else -%}
        {{ active_events(facts) }}
    {%- endif -%}
{%- endmacro %}


{#
    What counts of the events of a relation: project_id, identifier_key, activity_date, occurred_at, is_counted, and more columns
    of it. Conditions on narrow columns decide first, each where those before it hold.
#}
{% macro active_events(relation, columns=[], conditions=[]) -%}
    select
        project_id,
        identifier_key,
        {{ activity_date() }} as activity_date,
        occurred_at,
        {{ is_counted() }} as is_counted
        {%- for column in columns %},
        {{ column }}
        {%- endfor %}
    from {{ relation }}
    {%- if conditions %}
    prewhere
        {{ conditions | join('\n        and ') }}
    {%- endif %}
    where distinct_id != ''
{%- endmacro %}


{# The local day of an event. #}
{% macro activity_date() -%}
    toDate(occurred_at, {{ string_literal(var('timezone')) }})
{%- endmacro %}


{# Whether stock models count an event, by `default_where`. #}
{% macro is_counted() -%}
    {%- set call = {'macro': 'int_identifier_days', 'actor': 'distinct_id', 'person_paths': []} -%}
    {{- return('ifNull(' ~ compile_condition(call, "var('default_where')", var('default_where') or 'true') ~ ', false)') -}}
{%- endmacro %}


{# The events that came or went, looked for once. #}
{% macro changed_active_events() -%}
    {%- if is_incremental_build() -%}
        {{ active_events(changes_of(ref('int_events_sessionized')), ['change', record_coordinates()]) }}
    {%- endif -%}
{%- endmacro %}


{% macro identifier_days_to_recount() -%}
    {%- if is_incremental_build() -%}
        select identifier_key, activity_date
        from {{ net_event_changes(-1, working_table('changed')) }}
        union distinct
        select identifier_key, activity_date
        from {{ data_of(this) }}
        where
            closed = 0
            and identifier_key in (select device_key from {{ changes_of(ref('int_device_owners')) }} where change != 0)
    {%- endif -%}
{%- endmacro %}


{% macro identifier_days_that_changed() -%}
    select identifier_key, activity_date from {{ net_event_changes(1, working_table('changed')) }}
    union all
    select identifier_key, activity_date from {{ working_table('recounted') }}
{%- endmacro %}


{# The days that stand and get more events. #}
{% macro identifier_days_to_add_to() -%}
    select project_id, identifier_key, activity_date, segment_at, is_counted, first_at, last_at, event_count
    from {{ data_of(this) }}
    prewhere
        closed = 0
        and {{ is_dirty('identifier_key') }}
        and {{ is_dirty('identifier_key, activity_date') }}
        and (identifier_key, activity_date) not in (
            select identifier_key, activity_date from {{ working_table('recounted') }}
        )
{%- endmacro %}


{# Whether a row is of a dirty day: it has more events now, or was counted again. #}
{% macro is_of_dirty_day() -%}
    {{ is_dirty('identifier_key') }}
    and {{ is_dirty('identifier_key, activity_date') }}
{%- endmacro %}
