{#
    The on-run-end hook behind `mart_status`: one row per mart that this run has built. Its data goes through to the
    newest event that was in `fct_events` then; a client's clock that runs ahead does not count past the landing.
#}
{% macro record_mart_runs(results) -%}
    {%- set runs, events = ref('mart_runs'), ref('fct_events') -%}
    {%- set built = [] -%}
    {%- for result in (results if execute else []) if is_built_mart(result) -%}
        {%- do built.append(string_literal(result.node.name)) -%}
    {%- endfor -%}
    {%- if built and load_relation(runs) and load_relation(events) -%}
        insert into {{ runs }} (model, run_id, finished_at, data_through)
        select
            arrayJoin([{{ built | join(', ') }}]) as model,
            {{ string_literal(invocation_id) }} as run_id,
            now64(3, 'UTC') as finished_at,
            nullIf(max(least(occurred_at, loaded_at)), {{ beginning_of_time() }}) as data_through
        from {{ events }}
    {%- endif -%}
{%- endmacro %}


{% macro is_built_mart(result) -%}
    {{- return(
        result.node.resource_type == 'model'
        and result.status == 'success'
        and result.node.fqn[1] == 'marts'
        and result.node.config.get('schema') == 'marts'
        and result.node.config.materialized in ['table', 'incremental']
    ) -}}
{%- endmacro %}
