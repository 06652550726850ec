{#
    The on-run-end hook: one insert makes the rows of all models that this run has built visible. `data_through` is the
    newest event that is in the facts then; a client's clock that runs ahead does not count past the landing.
#}
{% macro commit_run(results) -%}
    {%- set events = ref('fct_events') -%}
    {%- if execute and flags.WHICH in ['run', 'build'] -%}
        {%- set built, marts = [], [] -%}
        {%- for result in results if result.node.resource_type == 'model' and result.status == 'success'
            and result.node.config.materialized != 'ledger' -%}
            {%- do built.append(result.node.alias) -%}
        {%- endfor -%}
        {%- if built -%}
            {%- set through = "(select nullIf(max(least(occurred_at, loaded_at)), " ~ beginning_of_time() ~ ") from "
                ~ events ~ ')' if load_relation(events) else 'null' -%}
            insert into {{ run_table('run_commits') }} (run, model, run_id, started_at, finished_at, data_through)
            select
                runs.run as run,
                arrayJoin([{{ string_literals(built) }}]) as model,
                runs.run_id as run_id,
                runs.started_at as started_at,
                now64(3, 'UTC') as finished_at,
                {{ through }} as data_through
            from {{ run_table('runs') }} as runs
            where
                runs.run_id = {{ string_literal(invocation_id) }}
                and throwIf(
                    (select max(run) from {{ run_table('runs') }} where run_id = {{ string_literal(invocation_id) }})
                    != (select max(run) from {{ run_table('runs') }}),
                    'A newer run of the models has taken over; this one commits nothing.'
                ) = 0
            settings {{ as_working_state() }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
