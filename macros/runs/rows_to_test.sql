{#
    What a data test looks at. In a build those rows of a versioned model that came in this run, as the others were looked at when they
    came; everything where the model was built whole, where it has no versions, and where tests are run by themselves (`dbt test`).
#}


{# The run whose rows of a model are to be tested, none for all rows. #}
{% macro run_to_test(relation) -%}
    {%- if not execute or flags.WHICH != 'build' or relation is string -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set built = run_query(
        'select max(run) as this_run, count() as times, max(is_full) as is_whole from ' ~ run_table('run_models')
        ~ ' where model = ' ~ string_literal(relation.identifier) ~ ' and run = (select maxIf(run, run_id = '
        ~ string_literal(invocation_id) ~ ') from ' ~ run_table('runs') ~ ')'
    ).rows[0] -%}
    {{- return(built['this_run'] if built['times'] > 0 and not built['is_whole'] else none) -}}
{%- endmacro %}


{# The rows of a versioned model that are to be tested, as a bracketed SELECT; none for all of them. #}
{% macro rows_that_came(relation) -%}
    {%- set run = run_to_test(relation) -%}
    {%- if run is none -%}
        {{- return(none) -}}
    {%- endif -%}
    {{- return('(select * except (run, closed) from ' ~ data_of(relation) ~ ' where run = ' ~ run ~ ' and closed = 0)') -}}
{%- endmacro %}


{# The rows that agree in `keys` with one that is to be tested, itself among them. #}
{% macro rows_beside_those_to_test(relation, keys) -%}
    {%- set news = rows_that_came(relation) -%}
    {%- if news is none -%}
        {{- return(relation) -}}
    {%- endif -%}
    {%- set keys = keys | join(', ') -%}
    (select * from {{ relation }} where ({{ keys }}) in (select {{ keys }} from {{ news }}))
{%- endmacro %}


{# The events to test, as `fct_events` has them. What is named in a branch alone is no `ref` to dbt. #}
{% macro events_to_test() -%}
    {%- set events, news = ref('fct_events'), rows_that_came(ref('int_events_sessionized')) -%}
    {%- set columns = event_columns(person_id_of_key()) -%}
    {{- return(events if news is none else '(select ' ~ columns ~ ' from ' ~ news ~ ')') -}}
{%- endmacro %}
