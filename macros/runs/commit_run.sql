{#
    The on-run-end hook: one insert makes the rows of all models that this run has built visible. `data_through` is the newest event that
    is in the facts then, of a model that has not heard of all of them the newest that it has (`heard_through`).
#}
{% macro commit_run(results) -%}
    {%- set facts = ref('int_events_sessionized') -%}
    {#- What `record_restatements` reads, named where dbt looks for it. -#}
    {%- set of_news = [
        ref('person_ids'), ref('stg_raw__people'), ref('int_person_profiles'), ref('stg_raw__event_copies'), ref('stg_raw__event_times'),
        ref('stg_raw__people_copies')
    ] -%}
    {%- if execute and flags.WHICH in ['run', 'build'] -%}
        {%- set built, heard, found = {}, [], {} -%}
        {%- for result in results if result.node.resource_type == 'model' and result.status == 'success' -%}
            {%- do built.update({result.node.unique_id: result.node.alias}) -%}
        {%- endfor -%}
        {%- for unique_id, name in built.items() -%}
            {%- set through = heard_through(unique_id, built, found) -%}
            {%- do heard.append('(' ~ string_literal(name) ~ ', ' ~ (without_end() if through is none else through) ~ ')') -%}
        {%- endfor -%}
        {%- if built -%}
            {%- do mark_all_built(run_books().unmarked) -%}
            {%- do record_restatements(results) -%}
            {%- do record_tests(results) -%}
            insert into {{ run_table('run_commits') }} (run, model, run_id, started_at, finished_at, data_through)
            select
                runs.run as run,
                built.1 as model,
                runs.run_id as run_id,
                runs.started_at as started_at,
                now64(3, 'UTC') as finished_at,
                fromUnixTimestamp64Milli(nullIf(least(built.2::Int64, {{ newest_fact(facts) }}), 0), 'UTC') as data_through
            from {{ run_table('runs') }} as runs
            array join [{{ heard | join(', ') }}] as built
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


{#
    The newest event, in milliseconds, that a model has heard of: as the one of the models before it that is furthest behind, each as it was
    when it was last built; `without_end` where that is the facts; none where it does not follow from them. `built` are the models of this
    run by unique id, and `found` keeps what was found.
#}
{% macro heard_through(unique_id, built, found) -%}
    {%- set node, before = graph.nodes[unique_id], [] -%}
    {%- if unique_id not in found and node.alias == 'int_events_sessionized' -%}
        {%- do found.update({unique_id: without_end()}) -%}
    {%- elif unique_id not in found -%}
        {%- for parent in node.depends_on.nodes if graph.nodes.get(parent, {}).resource_type == 'model' -%}
            {%- do before.append(heard_through(parent, built, found)) -%}
        {%- endfor -%}
        {%- set commit = run_books().commits.get(node.alias) -%}
        {%- set stands = commit and unique_id not in built and node.config.materialized != 'view' -%}
        {%- set furthest_behind = before | reject('none') | min | default(none) -%}
        {%- do found.update({unique_id: commit.data_through if stands and furthest_behind is not none else furthest_behind}) -%}
    {%- endif -%}
    {{- return(found[unique_id]) -}}
{%- endmacro %}


{% macro without_end() -%}
    {{- return(2 ** 62) -}}
{%- endmacro %}


{#
    The newest event of the facts in milliseconds, 0 where there is none. Only what this run wrote can be newer than what was known; a client's
    clock that runs ahead does not count past the landing.
#}
{% macro newest_fact(facts) -%}
    {%- set books = run_books() -%}
    {%- set known = 'toInt64(' ~ books.commits.get(facts.identifier, {'data_through': 0}).data_through ~ ')' -%}
    {%- if facts.identifier not in books.built -%}
        {{- return(known) -}}
    {%- endif -%}
    {#- Rows of a table that was swapped are of no run. -#}
    {%- set is_full = books.built[facts.identifier].is_full -%}
    {%- set written -%}
        assumeNotNull((
            select max(toUnixTimestamp64Milli(least(occurred_at, loaded_at)))
            from {{ data_of(facts) }}
            where {{ 'closed = 0' if is_full else 'run = ' ~ books.run }}
        ))
    {%- endset -%}
    {{- return(written if is_full else 'greatest(' ~ known ~ ', ' ~ written ~ ')') -}}
{%- endmacro %}
