{#-
    Actors with so many matching events, and when they had enough of them. Who may have none is found among all events
    and enters with the first of these. Internal to `cohort`.
-#}
{%- macro frequent_members(call, condition, at_least, at_most, within) -%}
    {%- set condition = 'ifNull(' ~ condition ~ ', 0)' -%}
    {%- if within is not none -%}
        {%- set condition = '(' ~ condition ~ ' and ' ~ is_recent(call, within) ~ ')' -%}
    {%- endif -%}
    {%- if at_least > 0 -%}
        {%- set rows, count = event_rows(call, match=condition), 'count()' -%}
    {%- else -%}
        {%- set rows, count = event_rows(call, columns={'is_match': condition}), 'countIf(is_match)' -%}
    {%- endif -%}
(
    select
        project_id,
        actor,
        {% if at_least > 1 -%}
        arraySort(groupArray(occurred_at))[{{ at_least }}] as entered_at
        {%- else -%}
        min(occurred_at) as entered_at
        {%- endif %}
    from {{ rows }}
    group by
        project_id,
        actor
    having
        {{ count }} >= {{ at_least }}
        {%- if at_most is not none %}
        and {{ count }} <= {{ at_most }}
        {%- endif %}
)
{%- endmacro -%}


{#- Whether an event lies at most so many milliseconds before the end of what is known: the range's, else the data's. -#}
{%- macro is_recent(call, within) -%}
    {%- if call.end is not none -%}
        {{- return('occurred_at >= ' ~ call.end ~ ' - toIntervalMillisecond(' ~ within ~ ')') -}}
    {%- endif -%}
    {%- set ends -%}
        occurred_at >= (
            select mapFromArrays(groupArray(project_id), groupArray(assumeNotNull(data_end)))
            from {{ project_ends(call) }}
            where data_end is not null
        )[toString(project_id)] - toIntervalMillisecond({{ within }})
    {%- endset -%}
    {{- return(ends) -}}
{%- endmacro -%}
