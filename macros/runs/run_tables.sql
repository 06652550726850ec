{#
    The books of the engine, in the database of the marts, as every reader's view asks them:

    - runs: one row per dbt invocation that builds models, numbered upwards.
    - run_positions: up to which record of each raw table a run reads.
    - run_models: one row per model that a run has built, written before it commits; `is_full` before its table is swapped.
    - run_lookups: which of its two dictionaries a look-up is in, by run.
    - run_restatements: numbers of periods that had ended which a run changed; they count once it has committed.
    - run_tests: the last run in which a data test passed.
    - run_commits: one row per run and model that readers may see. One insert, so that all models of a run show at once.
    - run_removals: the run up to which `maintain` has removed what its models had read. Who has not read so far is built whole.
    - run_in_memory: the number of the run that began last, in memory: nothing, where the server was started again since.

    `maintain` removes what nobody asks of old runs (orchestration/lib/run_books.py).
#}
{% macro run_table(name) -%}
    {{- return(api.Relation.create(schema=generate_schema_name(none, none), identifier=name, type='table')) -}}
{%- endmacro %}


{% macro create_run_tables() -%}
    {%- set columns = {
        'runs': "run UInt64, run_id String, started_at DateTime64(3, 'UTC')",
        'run_positions': 'run UInt64, stream LowCardinality(String), lane LowCardinality(String), '
            ~ 'topic LowCardinality(String), generation UInt32, partition UInt32, position Int64',
        'run_models': 'run UInt64, model LowCardinality(String), is_full Bool, fingerprint String, '
            ~ "finished_at DateTime64(3, 'UTC')",
        'run_lookups': 'run UInt64, lookup LowCardinality(String), slot UInt8',
        'run_restatements': 'run UInt64, model LowCardinality(String), mart LowCardinality(String), project_id LowCardinality(String), '
            ~ 'key Map(LowCardinality(String), String), period_start Date, period_end Date, '
            ~ 'measure LowCardinality(String), old Nullable(Float64), new Nullable(Float64), '
            ~ 'reasons Array(LowCardinality(String))',
        'run_tests': 'run UInt64, test String',
        'run_commits': "run UInt64, model LowCardinality(String), run_id String, started_at DateTime64(3, 'UTC'), "
            ~ "finished_at DateTime64(3, 'UTC'), data_through Nullable(DateTime64(3, 'UTC'))",
        'run_removals': 'run UInt64',
    } -%}
    {%- set order = {
        'runs': 'run', 'run_positions': '(stream, run)', 'run_models': '(model, run)',
        'run_tests': 'test', 'run_lookups': '(lookup, run)', 'run_restatements': '(model, run)', 'run_commits': '(model, run)',
        'run_removals': 'tuple()'
    } -%}
    {%- set standing = [] -%}
    {%- for row in run_query(
        'select name from system.tables where database = ' ~ string_literal(generate_schema_name(none, none))
        ~ ' and name in (' ~ string_literals(columns.keys() | list) ~ ')'
    ).rows -%}
        {%- do standing.append(row['name']) -%}
    {%- endfor -%}
    {%- for name in columns if name not in standing -%}
        {%- do run_query(
            'create table if not exists ' ~ run_table(name) ~ ' (' ~ columns[name] ~ ') engine = '
            ~ ('ReplacingMergeTree(run)' if name in ['run_tests', 'run_removals'] else 'MergeTree') ~ ' order by ' ~ order[name]
            ~ ' settings fsync_after_insert = 1, fsync_part_directory = 1'
        ) -%}
    {%- endfor -%}
{%- endmacro %}


{# The table of row versions behind a versioned model. #}
{% macro data_of(relation) -%}
    {{- return(api.Relation.create(schema=relation.schema, identifier=relation.identifier ~ '_data', type='table')) -}}
{%- endmacro %}


{# What marks a query as the run's own: it sees the working state, everybody else the committed one. #}
{% macro as_working_state() -%}
    {{- return("log_comment = 'working state'") -}}
{%- endmacro %}


{# The last run of a model that the reader of a view may see; the running run for the run itself. #}
{% macro visible_run(model_name) -%}
    {%- set committed -%}
        (select max(run) from {{ run_table('run_commits') }} where model = {{ string_literal(model_name) }})
    {%- endset -%}
    {{- run_of_reader(committed) -}}
{%- endmacro %}


{# A run up to which the reader of a view may see; for the run itself also what it has written since. #}
{% macro run_of_reader(run) -%}
    if(getSetting('log_comment') = 'working state', 18446744073709551615, {{ run }})
{%- endmacro %}
