{#
    A model as row versions. Its table `<model>_data` has two more columns: `run`, the run that wrote a row, and `closed`,
    the run that replaced it (0: it stands). Its view, named as the model, shows the rows of the last committed run; the hook
    `commit_run` makes the work of a whole run visible at once. A run that dies is taken back by the next.

    The model is a plain SELECT. Where it is built whole, the SELECT is the table. Else:

    1. `dirty` (config) selects the keys whose rows may have changed: for each versioned model that it reads, the columns
       `keys` as expressions on `changes_of` that model. Without it everything may have changed.
    2. The SELECT, which restricts what it reads by `is_dirty`, gives their rows anew.
    3. Rows that went are closed, rows that came are inserted; what is the same is left alone, so that models downstream
       see true changes only. `row_key` (config, by default `order_by`) tells rows apart where places do not: in small tables, and
       where a merge of the engine has moved them. It is read of all rows of a part then, so it names no column that it can do
       without: an `identifier_key` or an `owner_key` is of one project.

    `prepare` (config) is a list of [name, SQL] of working tables, built before the SELECT, which reads them by
    `working_table(name)`. Those of `gather` are built earlier, before `dirty`. `closing` (config) says of a row that stood before
    whether it is to close, for models that know it: nothing is compared then, the SELECT is the rows to insert, and they are in by the
    time that it is asked. `appends` says that the SELECT is of rows that no run takes back: they are inserted. `keeps_history` keeps
    row versions through a full refresh, which compares instead of swapping (`follow_columns`).
#}
{% materialization versioned, adapter='clickhouse' %}

    {%- set target = this.incorporate(type='view') -%}
    {%- set state, sql = build_state(), of_standing_rows(sql) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set working = [] -%}
    {%- set has_news = true -%}
    {%- do working.extend(create_working_tables(config.get('gather', []))) -%}
    {%- if not state.is_full and config.get('dirty') -%}
        {%- do working.append(working_table('dirty')) -%}
        {%- do create_working_table(working_table('dirty'), dirty_keys(config.get('dirty'))) -%}
        {%- set has_news = single_value('select count() from ' ~ working_table('dirty')) > 0 -%}
    {%- endif -%}
    {%- if has_news -%}
        {%- do working.extend(create_working_tables(config.get('prepare', []))) -%}
    {%- endif -%}
    {#- What stands was checked, and a changed contract is a full build. -#}
    {%- if state.is_full and config.get('contract').enforced -%}
        {%- do get_assert_columns_equivalent(sql) -%}
    {%- endif -%}
    {%- if state.is_full and state.exists and config.get('keeps_history') -%}
        {%- do follow_columns(sql) -%}
        {#- Also where somebody has changed the table by hand, as it was refused. -#}
        {%- do show_versions() -%}
    {%- endif -%}

    {%- if state.is_full and not (state.exists and compares_always(sql)) -%}
        {%- do swap_versions(state, sql) -%}
    {%- elif not has_news -%}
        {% call noop_statement('main', 'nothing new') %}{% endcall %}
    {%- elif config.get('appends') -%}
        {%- do insert_versions(state, sql) -%}
    {%- elif config.get('closing') -%}
        {%- do insert_versions(state, sql) -%}
        {%- do working.append(working_table('closing')) -%}
        {%- do create_working_table(working_table('closing'), rows_to_close(render(config.get('closing')))) -%}
        {%- do close_versions(state, working_table('closing')) -%}
    {%- else -%}
        {%- do working.extend(merge_versions(state, sql)) -%}
    {%- endif -%}

    {%- do drop_all(working) -%}
    {%- if state.is_full and state.exists and not config.get('keeps_history') -%}
        {%- do forget_closed_versions(state) -%}
    {%- endif -%}
    {%- do mark_built(state) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}

{% endmaterialization %}


{#
    Whether a full refresh compares too, where others put a new table in place: because closed rows tell what was known, or
    because each changed number is told as a restatement (`restated`, config), as long as the columns are the same.
#}
{% macro compares_always(sql) -%}
    {%- if config.get('keeps_history') -%}
        {{- return(true) -}}
    {%- endif -%}
    {%- set restated = config.get('restated') -%}
    {{- return(restated and restated.measures is not mapping and has_same_columns(sql)) -}}
{%- endmacro %}


{# Whether the standing table of the model that is built has the columns of a SELECT. #}
{% macro has_same_columns(sql) -%}
    {{- return(names_and_types(adapter.get_column_schema_from_query(sql)) == names_and_types(columns_of_versions(data_of(this)))) -}}
{%- endmacro %}


{# The model's own columns in a table of its row versions. #}
{% macro columns_of_versions(table) -%}
    {{- return(adapter.get_columns_in_relation(table) | rejectattr('name', 'in', ['run', 'closed']) | list) -}}
{%- endmacro %}


{% macro names_and_types(columns) -%}
    {%- set found = [] -%}
    {%- for column in columns -%}
        {%- do found.append([column.name, column.data_type]) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}


{# What no reader can see any more; a full refresh is the time to drop it. #}
{% macro forget_closed_versions(state) -%}
    {%- call statement('forget_closed_versions') -%}
        alter table {{ data_of(this) }}
            delete where closed > 0 and closed <= {{ state.last }}
        settings mutations_sync = 1
    {%- endcall -%}
{%- endmacro %}


{#
    The keys to build anew: a SELECT of them, or {model: expressions} or {model: [expressions, condition]} over what
    changed in each model. The texts are rendered here, so they may call macros.
#}
{% macro dirty_keys(dirty) -%}
    {%- if dirty is string -%}
        {{- return('select distinct * from (' ~ render(dirty) ~ ')') -}}
    {%- endif -%}
    {%- set selects = [] -%}
    {%- for name, expressions in dirty.items() -%}
        {%- set parts = expressions if is_list(expressions) else [expressions, 'true'] -%}
        {%- do selects.append(
            'select ' ~ render(parts[0]) ~ ' from ' ~ changes_of(ref(name)) ~ ' where ' ~ render(parts[1])
        ) -%}
    {%- endfor -%}
    {{- return('select distinct * from (' ~ selects | join(' union all ') ~ ')') -}}
{%- endmacro %}


{#
    How tables of row versions are packed, where a model says nothing else. A text follows its length: in a stream of their own,
    as the engine has it, lengths take 8 bytes each to unpack, which is half of what reading a short text costs. Granules are an
    eighth of the engine's: a run reads the history of some identifiers in a thousand, and of each granule that holds one all of it.
    Nothing asks how many values a column has, which the engine would count of all columns in each merge.
#}
{% macro packing_settings() -%}
    {{- return({
        'auto_statistics_types': '',
        'min_bytes_for_wide_part': 2097152,
        'default_compression_codec': 'ZSTD(1)',
        'string_serialization_version': 'single_stream',
        'index_granularity': 1024,
    }) -}}
{%- endmacro %}


{#
    Build the table whole and put it in place of the one that stands. Rows of a first build are this run's, so they show when it
    commits; those of a refresh are nobody's, so they show with the swap. The mark before the swap tells a later run that
    it happened, should this one die.
#}
{% macro swap_versions(state, sql) -%}
    {%- set data, fresh = data_of(this), data_of(working_table('fresh')) -%}
    {%- set settings = dict(packing_settings(), **config.get('settings', {})) -%}
    {%- set partition_by = config.get('partition_by') -%}
    {%- do drop_all([fresh]) -%}
    {%- call statement('create_versions') -%}
        create table {{ fresh }}
        engine = MergeTree
        {%- if partition_by %}
        partition by {{ partition_by }}
        {%- endif %}
        order by ({{ config.require('order_by') | join(', ') }})
        settings {{ setting_list(settings) }}
        empty as
        select *, toUInt64(0) as run, toUInt64(0) as closed
        from (
            {{ sql }}
        )
        {{ run_settings() }}
    {%- endcall -%}
    {#- `run > 1 or closed > 1` is answered by two indexes where each has an entry for every granule. -#}
    {%- call statement('index_versions') -%}
        alter table {{ fresh }}
            {%- for column, codec in column_codecs(fresh).items() %}
            modify column {{ column }} codec({{ codec }}),
            {%- endfor %}
            add index run_range run type minmax granularity 1,
            add index closed_range closed type minmax granularity 1
    {%- endcall -%}
    {%- call statement('main') -%}
        insert into {{ fresh }}
        select *, {{ 0 if state.exists else state.run }} as run, 0 as closed
        from (
            {{ sql }}
        )
        where {{ is_newest_run() | indent(8) }}
        {{ run_settings() }}
    {%- endcall -%}
    {%- if has_table(data) -%}
        {%- do keep_before_swap() -%}
    {%- endif -%}
    {%- do mark_built(state, is_full=true) -%}
    {%- if has_table(data) -%}
        {%- do exchange_tables_atomic(fresh, data) -%}
        {%- do drop_all([fresh]) -%}
    {%- else -%}
        {%- call statement('name_versions') -%}
            rename table {{ fresh }} to {{ data }}
        {%- endcall -%}
        {%- do note_table(data) -%}
    {%- endif -%}
    {%- do show_versions() -%}
{%- endmacro %}


{#
    How columns are packed that are not by ZSTD(1), as texts and properties are. Times and offsets differ in some bits only: T64 leaves
    the others out, so that they take two thirds of the room and are read faster. Numbers and names of few values are small as they
    are, and what is the same in all rows is read five times as fast by LZ4.
#}
{% macro column_codecs(relation) -%}
    {%- set codecs = {} -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- if modules.re.match('(Nullable\\()?DateTime64|(Array\\()?Int64|UInt32', column.data_type) -%}
            {%- do codecs.update({quoted_identifier(column.name): 'T64, LZ4'}) -%}
        {%- elif column.name == 'project_id' or modules.re.match('U?Int|Bool|Date$|LowCardinality|Array', column.data_type) -%}
            {%- do codecs.update({quoted_identifier(column.name): 'LZ4'}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(codecs) -}}
{%- endmacro %}


{# The view that readers know the model by. #}
{% macro show_versions() -%}
    {%- do make_room_for_view() -%}
    {%- call statement('show_versions') -%}
        create or replace view {{ this.include(database=False) }} as
        select * except (run, closed)
        from {{ data_of(this) }}
        where {{ is_visible(this.identifier) }}
    {%- endcall -%}
{%- endmacro %}


{# Whether a row of a versioned model's table is one of those that its view shows. #}
{% macro is_visible(model_name) -%}
    {{- return(stood_after(visible_run(model_name))) -}}
{%- endmacro %}


{# A table of an earlier release has the name that readers know. #}
{% macro make_room_for_view() -%}
    {%- set before = load_cached_relation(this) -%}
    {%- if before is not none and before.type != 'view' -%}
        {%- do drop_all([before]) -%}
    {%- endif -%}
{%- endmacro %}


{% macro insert_versions(state, sql) -%}
    {%- call statement('main') -%}
        insert into {{ data_of(this) }}
        select *, {{ state.run }} as run, 0 as closed
        from (
            {{ sql }}
        )
        where {{ is_newest_run() | indent(8) }}
        {{ run_settings() }}
    {%- endcall -%}
{%- endmacro %}


{# Close the rows that are gone, insert those that are new. The working tables that are left. #}
{% macro merge_versions(state, sql) -%}
    {%- set data, fresh, stale = data_of(this), working_table('fresh'), working_table('stale') -%}
    {%- call statement('fresh') -%}
        create table {{ fresh }}
        engine = {{ in_no_order() }} as
        select *, sipHash128(formatRow('RowBinary', *)) as row_hash
        from (
            {{ sql }}
        )
        {{ run_settings() }}
    {%- endcall -%}
    {%- set keys = config.get('keys') or [] -%}
    {%- set narrowest = keys | reject('equalto', 'project_id') | first -%}
    {%- do create_working_table(stale,
        'select ' ~ place_of_row() ~ ', ' ~ row_key() ~ ", sipHash128(formatRow('RowBinary', * except (run, closed))) as row_hash,"
        ~ ' row_hash not in (select row_hash from ' ~ fresh ~ ') as is_gone from ' ~ data ~ ' prewhere closed = 0 and ' ~ is_dirty(narrowest)
        ~ (' and ' ~ is_dirty(keys | join(', ')) if keys | length > 1 else '')
    ) -%}
    {#- Before more rows come, which the engine may begin to merge with them. -#}
    {%- do close_versions(state, '(select * from ' ~ stale ~ ' where is_gone)') -%}
    {%- call statement('main') -%}
        insert into {{ data }}
        select * except (row_hash), {{ state.run }} as run, 0 as closed
        from {{ fresh }}
        where
            {{ is_newest_run() | indent(12) }}
            and row_hash not in (select row_hash from {{ stale }})
        {{ run_settings() }}
    {%- endcall -%}
    {{- return([fresh, stale]) -}}
{%- endmacro %}


{# What tells rows of the model apart. #}
{% macro row_key() -%}
    {{- return((config.get('row_key') or config.get('order_by')) | join(', ')) -}}
{%- endmacro %}


{# The rows that stood before this run and that a condition holds of, by their places and keys. #}
{% macro rows_to_close(condition) -%}
    select {{ place_of_row() }}, {{ row_key() }}
    from {{ data_of(this) }}
    prewhere
        closed = 0
        and run < {{ build_state().run }}
        and {{ condition | indent(8) }}
{%- endmacro %}


{# Where a row lies: the name of its part, and which of the rows of that it is. #}
{% macro place_of_row() -%}
    _part as part, _part_offset as part_offset
{%- endmacro %}


{#
    Close rows of a table, or of a SELECT in brackets, of places and keys. They are found by their places, so that the engine reads nothing
    else of the parts that hold them; by their keys where it merges these parts now, or has merged them since, and a row of that place and
    name is another one or none. Where the model has few rows, their keys cost less to read than it costs to ask for all that.
#}
{% macro close_versions(state, rows) -%}
    {%- set data = data_of(this) -%}
    {%- set is_large = run_books().tables[data.render()].rows >= var('closed_by_place_from') -%}
    {%- set merged = "select partition_id from system.merges where not is_mutation and database = " ~ string_literal(data.schema)
        ~ ' and table = ' ~ string_literal(data.identifier) -%}
    {%- set partitions = run_query(
        "select splitByChar('_', part)[1] as partition, count() as rows, "
        ~ ('partition not in (' ~ merged ~ ')' if is_large else 'false') ~ ' as is_by_place'
        ~ ' from ' ~ rows ~ ' group by partition order by partition'
    ).rows -%}
    {%- if partitions -%}
        {%- do close_rows(state, rows, partitions) -%}
        {%- if is_large
            and single_value('select count() from ' ~ data ~ ' where closed = ' ~ state.run) < partitions | sum(attribute='rows') -%}
            {%- do close_rows(state, rows, partitions, by_key=true) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#
    One mutation of one narrow column: the other columns' files are linked, not written. Partitions are named that have a row to close,
    unless these are many: else the engine plans a search of each part of the model's history.
#}
{% macro close_rows(state, rows, partitions, by_key=false) -%}
    {%- set has_key = 'closed = 0 and run < ' ~ state.run ~ ' and (' ~ row_key() ~ ') in (select ' ~ row_key() ~ ' from ' ~ rows ~ ')' -%}
    {%- set updates = {} -%}
    {%- for partition in partitions if partitions | length <= 50 -%}
        {%- do updates.update({
            'in partition id ' ~ string_literal(partition['partition']):
                is_in_place(rows) if partition['is_by_place'] and not by_key else has_key
        }) -%}
    {%- endfor -%}
    {%- call statement('close_versions') -%}
        alter table {{ data_of(this) }}
        {%- for partition, is_closed in (updates or {'': has_key}).items() %}
            update closed = {{ state.run }} {{ partition }} where {{ is_closed }} and {{ is_newest_run_still() }}{{ ',' if not loop.last }}
        {%- endfor %}
        settings mutations_sync = 1
    {%- endcall -%}
{%- endmacro %}


{# Whether a row lies in one of some places. Of most rows the first two say no; as it is written, the engine does not look for the last in its index. #}
{% macro is_in_place(places) -%}
    _part in (select part from {{ places }})
    and _part_offset in (select part_offset from {{ places }})
    and (toLowCardinality(_part), _part_offset) in (select toLowCardinality(part), part_offset from {{ places }})
{%- endmacro %}


{# The model's own query settings, and the mark by which views show the working state. #}
{% macro run_settings() -%}
    {%- set settings = config.get('query_settings', {}) -%}
    settings {{ as_working_state() }}{{ ', ' ~ setting_list(settings) if settings }}
{%- endmacro %}


{# {name: value} as SQL has it. #}
{% macro setting_list(settings) -%}
    {%- for name, value in settings.items() -%}
        {{ name }} = {{ value if value is number else string_literal(value) }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{# Tests of a build look at what it has built, before readers see it. #}
{% macro clickhouse__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    {%- set is_building = flags.WHICH == 'build' -%}
    select
        {{ fail_calc }} as failures,
        {{ fail_calc }} {{ warn_if }} as should_warn,
        {{ fail_calc }} {{ error_if }} as should_error
    from (
        {{ of_standing_rows(main_sql) if is_building else main_sql }}
        {{ 'limit ' ~ limit if limit is not none }}
    )
    {{ 'settings ' ~ as_working_state() if is_building }}
{%- endmacro %}
