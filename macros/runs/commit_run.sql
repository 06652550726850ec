{#
    The on-run-end hook: one insert makes the rows of all models that this run has built visible. `data_through` is the
    newest event that is in the facts then; a client's clock that runs ahead does not count past the landing.
#}
{% macro commit_run(results) -%}
    {%- set facts = ref('int_events_sessionized') -%}
    {#- What `record_restatements` reads, named where dbt looks for it. -#}
    {%- set of_news = [ref('person_ids'), ref('stg_raw__people'), ref('int_person_profiles')] -%}
    {%- if execute and flags.WHICH in ['run', 'build'] -%}
        {%- set built = [] -%}
        {%- for result in results if result.node.resource_type == 'model' and result.status == 'success' -%}
            {%- do built.append(result.node.alias) -%}
        {%- endfor -%}
        {%- if built -%}
            {%- do mark_all_built(run_books().unmarked) -%}
            {%- do record_restatements(results) -%}
            {%- do record_tests(results) -%}
            insert into {{ run_table('run_commits') }} (run, model, run_id, started_at, finished_at, data_through)
            select
                runs.run as run,
                arrayJoin([{{ string_literals(built) }}]) as model,
                runs.run_id as run_id,
                runs.started_at as started_at,
                now64(3, 'UTC') as finished_at,
                {{ data_through(data_of(facts)) }} as data_through
            from {{ run_table('runs') }} as runs
            where
                runs.run = {{ run_books().run }}
                and runs.run_id = {{ string_literal(invocation_id) }}
                and {{ is_newest_run() | indent(16) }}
                and throwIf(
                    (select max(run) from {{ run_table('run_in_memory') }}) < {{ run_books().run }},
                    'ClickHouse was started again during this run, which emptied working tables; it commits nothing. Build again.'
                ) = 0
            settings {{ as_working_state() }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{# Which tests passed: the next time they look at what has come since. They count once the run has committed. #}
{% macro record_tests(results) -%}
    {%- set passed = [] -%}
    {%- for result in results if result.node.resource_type == 'test' and result.status == 'pass' -%}
        {%- do passed.append(result.node.unique_id) -%}
    {%- endfor -%}
    {%- if passed -%}
        {%- do run_query(
            'insert into ' ~ run_table('run_tests') ~ ' (run, test) select ' ~ run_books().run ~ ', arrayJoin([' ~ string_literals(passed) ~ '])'
        ) -%}
    {%- endif -%}
{%- endmacro %}


{# Only what this run wrote can be newer than what the last one knew. #}
{% macro data_through(facts) -%}
    {%- set known -%}
        (select max(data_through) from {{ run_table('run_commits') }})
    {%- endset -%}
    {%- if not has_table(facts) -%}
        {{- return('null') -}}
    {%- endif -%}
    {%- set written -%}
        (
            select max(least(occurred_at, loaded_at))
            from {{ facts }}
            where run = {{ run_books().run }}
        )
    {%- endset -%}
    {{- return('nullIf(greatest(ifNull(' ~ known ~ ', ' ~ beginning_of_time() ~ '), assumeNotNull(' ~ written ~ ')), '
        ~ beginning_of_time() ~ ')') -}}
{%- endmacro %}
