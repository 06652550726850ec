{#
    How `int_day_gaps` and `int_day_returns` count persons by pairs of their days, and go on from what stands: a person whose days are
    others is taken from the counts as it was, and added as it is. Their working table `moved` has the differences, each of a
    count that is another one now.
#}
{% macro day_counts(counted, columns) -%}
    {%- set key = columns | join(', ') -%}
    {%- if is_incremental_build() -%}
        select {{ key }}, toUInt64(sum(counts.difference)) as persons
        from (
            select {{ key }}, difference
            from {{ working_table('moved') }}
            union all
            select {{ key }}, toInt64(persons) as difference
            from {{ data_of(this) }}
            prewhere closed = 0 and {{ is_dirty(key) }}
        ) as counts
        group by {{ key }}
        having persons > 0
    {%- else -%}
        select {{ key }}, toUInt64(difference) as persons
        from ({{ counted('(select *, 1 as change from ' ~ ref('int_person_days') ~ ')') }})
    {%- endif -%}
{%- endmacro %}


{% macro moved_counts(counted, columns) -%}
    {%- if is_incremental_build() -%}
        {{ counted(changes_of(ref('int_person_days'))) }}
        having difference != 0
    {%- endif -%}
{%- endmacro %}


{# The counts that are other ones now. #}
{% macro counts_that_moved(columns) -%}
    select {{ columns | join(', ') }} from {{ working_table('moved') }}
{%- endmacro %}


{% macro columns_of_gaps() -%}
    {{- return(['project_id', 'kind', 'previous_day', 'day']) -}}
{%- endmacro %}


{#
    Persons by two of their days that follow one another (`kind` is `return`), and by their first and their last day, which are both
    then. `persons` has the columns of `int_person_days` and `change`, which is summed up as `difference`.
#}
{% macro gaps_of_persons(persons) -%}
    select
        project_id,
        ['first', 'return', 'last'][gap.1]::LowCardinality(String) as kind,
        gap.2 as previous_day,
        gap.3 as day,
        sum(change) as difference
    from (
        select
            project_id,
            change,
            arrayJoin(arrayConcat(
                [(1, active_dates[1], active_dates[1])],
                arrayMap((previous, next) -> (2, previous, next), arrayPopBack(active_dates), arrayPopFront(active_dates)),
                [(3, active_dates[-1], active_dates[-1])]
            )) as gap
        from {{ persons }}
    )
    group by project_id, gap
{%- endmacro %}


{% macro columns_of_returns() -%}
    {{- return(['project_id', 'first_day', 'day', 'begins_week', 'begins_month', 'begins_quarter', 'begins_year']) -}}
{%- endmacro %}


{# Persons by their first day and each of their days, and whether that is the first of its week, month and so on. #}
{% macro returns_of_persons(persons) -%}
    {%- set call = {'week_start': var('week_start', 'monday')} -%}
    select
        project_id,
        first_day,
        day,
        {%- for period in ['week', 'month', 'quarter', 'year'] %}
        day = first_day or {{ period_of_date(call, 'day', period) }} != {{ period_of_date(call, 'previous_day', period) }} as begins_{{ period }},
        {%- endfor %}
        sum(change) as difference
    from (
        select
            project_id,
            change,
            active_dates[1] as first_day,
            day,
            previous_day
        from {{ persons }}
        array join
            active_dates as day,
            arrayPushFront(arrayPopBack(active_dates), active_dates[1]) as previous_day
    )
    group by {{ columns_of_returns() | join(', ') }}
{%- endmacro %}
