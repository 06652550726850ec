{#
    A table that runs append to and that nothing rebuilds: its SELECT gives the rows of one run, and none where the models that
    it tells of were built whole. A full refresh keeps it, because nothing else remembers what stands in it. `prepare`
    (config) is as in `versioned`.
#}
{% materialization ledger, adapter='clickhouse' %}

    {%- set target = this.incorporate(type='view') -%}
    {%- set data = data_of(this) -%}
    {%- set state, sql = build_state(), of_standing_rows(sql) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- set working = create_working_tables(config.get('prepare', [])) -%}
    {#- Checking runs the SELECT; what stands was checked, as long as it means the same. -#}
    {%- if config.get('contract').enforced and (not state.exists or state.is_redefined) -%}
        {%- do get_assert_columns_equivalent(sql) -%}
    {%- endif -%}
    {%- if not has_table(data) -%}
        {%- call statement('create_ledger') -%}
            create table {{ data }}
            engine = MergeTree
            order by (run, {{ config.require('order_by') | join(', ') }})
            empty as
            select *, toUInt64(0) as run, toUInt64(0) as closed
            from (
                {{ sql }}
            )
            {{ run_settings() }}
        {%- endcall -%}
    {%- elif state.is_redefined or flags.FULL_REFRESH -%}
        {%- do follow_columns(sql) -%}
    {%- endif -%}
    {%- do insert_versions(state, sql) -%}
    {%- do drop_all(working) -%}
    {%- do mark_built(state) -%}
    {%- do make_room_for_view() -%}
    {%- call statement('show_ledger') -%}
        create or replace view {{ this.include(database=False) }} as
        select
            ledger.* except (closed),
            runs.run_id as run_id,
            runs.finished_at as recorded_at
        from {{ data }} as ledger
        left any join (
            select run, run_id, finished_at from {{ run_table('run_commits') }} where model = {{ string_literal(this.identifier) }}
        ) as runs on ledger.run = runs.run
        where ledger.run <= {{ visible_run(this.identifier) }}
    {%- endcall -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}

{% endmaterialization %}
