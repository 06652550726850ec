{#
    The events that are new since the model that is built last finished, and those that a better copy took the place of. An
    event that only moved to another session is neither.
#}
{% macro events_that_came() -%}
    {{- return(net_event_changes(1)) -}}
{%- endmacro %}


{% macro events_that_went() -%}
    {{- return(net_event_changes(-1)) -}}
{%- endmacro %}


{# Of a relation of changes, if they were looked for already. #}
{% macro net_event_changes(change, changes=none) -%}
    {%- set changes = changes or changes_of(ref('int_events_sessionized')) -%}
    (
        select *
        from {{ changes }}
        where
            change = {{ change }}
            and ({{ record_coordinates() }}) not in (
                select {{ record_coordinates() }} from {{ changes }} where change = {{ -change }}
            )
    )
{%- endmacro %}


{#
    The rows of sums per (project_id, event, occurred_date): what stood, plus what came. Where an event went, its day is
    summed again, as a least or a greatest time cannot be taken back. `counted` renders the sums of a relation of events.
#}
{% macro event_day_sums(counted, columns) -%}
    {%- set key = 'project_id, event, toDate(occurred_at)' -%}
    {%- if is_incremental_build() -%}
    (
        {{ counted(events_that_came(), 'where (' ~ key ~ ') not in (select * from ' ~ working_table('recounted') ~ ')') }}
        union all
        {{ counted(ref('int_events_sessionized'), 'where (' ~ key ~ ') in (select * from ' ~ working_table('recounted') ~ ')') }}
        union all
        select {{ columns | join(', ') }}
        from {{ data_of(this) }}
        where
            closed = 0
            and {{ is_dirty('project_id, event, occurred_date') }}
            and (project_id, event, occurred_date) not in (select * from {{ working_table('recounted') }})
    )
    {%- else -%}
    ({{ counted(ref('int_events_sessionized'), '') }})
    {%- endif -%}
{%- endmacro %}


{% macro event_days_that_changed() -%}
    select project_id, event, toDate(occurred_at) as occurred_date from {{ events_that_came() }}
    union all
    select project_id, event, toDate(occurred_at) as occurred_date from {{ events_that_went() }}
{%- endmacro %}


{% macro event_days_to_recount() -%}
    {%- if is_incremental_build() -%}
        select distinct project_id, event, toDate(occurred_at) as occurred_date from {{ events_that_went() }}
    {%- endif -%}
{%- endmacro %}
