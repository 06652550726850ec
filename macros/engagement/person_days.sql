{# How `int_person_days` goes on from what stands: of whom the days are gathered anew, and from which rows. #}


{#
    The persons who may have other days now: those whose identifiers are others, and those of days that came or went. A day that has
    only more events is the same day.
#}
{% macro persons_with_other_days() -%}
    {{ persons_with_other_identifiers() }}
    union all
    select {{ person_id_of_key(at='segment_at') }} as person_id
    from (
        select identifier_key, segment_at
        from {{ changes_of(ref('int_identifier_days')) }}
        where is_counted
        group by identifier_key, activity_date, segment_at
        having sum(change) != 0
    )
{%- endmacro %}


{# Whose the counted days of identifiers are: project_id, activity_date, person (a number, 0 for nobody). #}
{% macro days_of_persons() -%}
    {%- set days = ref('int_identifier_days') -%}
    select
        project_id,
        activity_date,
        {{ person_of_key(at='segment_at') }} as person
    {%- if is_incremental_build() %}
    from {{ data_of(days) }}
    prewhere closed = 0 and identifier_key in ({{ identifiers_of_dirty_persons() }})
    {%- else %}
    from {{ days }}
    {%- endif %}
    where is_counted
{%- endmacro %}
