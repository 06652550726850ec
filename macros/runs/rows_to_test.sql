{#
    What a data test looks at. In a build those rows of a versioned model that came since the test passed last, so that what is wrong is
    told until it is mended; everything where the model was built whole since, where it has no versions, and where tests are run by
    themselves (`dbt test`).
#}


{# The last run in which the test that is compiled passed over all rows of a model that stand, none where there is no such run. #}
{% macro last_tested_run(relation) -%}
    {%- if not execute or flags.WHICH != 'build' or relation is string -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set name = string_literal(relation.identifier) -%}
    {#- Models without versions are not in `run_models`. -#}
    {%- set last = run_query(
        'with (select (count(), maxIf(run, is_full)) from ' ~ run_table('run_models') ~ ' where model = ' ~ name ~ ') as builds'
        ~ ' select max(run) as tested, builds.1 as times_built, builds.2 as rebuilt from ' ~ run_table('run_tests')
        ~ ' where test = ' ~ string_literal(model.unique_id) ~ ' and run in (select run from ' ~ run_table('run_commits') ~ ' where model = ' ~ name ~ ')'
    ).rows[0] -%}
    {{- return(last['tested'] if last['times_built'] > 0 and last['tested'] > 0 and last['tested'] >= last['rebuilt'] else none) -}}
{%- endmacro %}


{# The rows of a versioned model that are to be tested, as a bracketed SELECT; none for all of them. #}
{% macro rows_that_came(relation) -%}
    {%- set last = last_tested_run(relation) -%}
    {%- if last is none -%}
        {{- return(none) -}}
    {%- endif -%}
    {{- return('(select * except (run, closed) from ' ~ data_of(relation) ~ ' where run > ' ~ last ~ ' and closed = 0)') -}}
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
