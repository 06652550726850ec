{#
    What the books said as this run began, and what it has built since, so that each of its models need not ask them. Only this run
    can change that: `build_state` makes sure that no other one has begun.

    - `run`: its number.
    - `tables`: {name: {relation, rows}} of the tables of row versions that stand, with as many rows as they had as the run began.
    - `commits`: {model: {run, began_at, data_through}} of the last run that committed it; the last in milliseconds, 0 for no event.
    - `fingerprints`: {model: what it was then built of}.
    - `seeds`: {name: the mark of its file} of the tables of seeds that stand, those that this run has loaded among them.
    - `full_builds`: {model: the last run that built it whole}, this one among them.
    - `removed`: the run up to which `maintain` has removed what the models of the project had read.
    - `built`: {model: its state}, of this run; `unmarked`: the rows of `run_models` that say so and are not written yet.
    - `bounds`: what `records_between` made of positions.
    - `told`: what `told_until` found.
    - `before_swaps`: {model: [(run, table)]}, what it was before a run put another table in its place.
    - `slots`: {look-up: which of its dictionaries was loaded last}, of those that were asked for.

    Kept with the graph, which each invocation has of its own.
#}
{% macro run_books() -%}
    {%- set name = 'books_' ~ invocation_id -%}
    {%- if name not in graph -%}
        {%- do graph.update({name: read_books()}) -%}
    {%- endif -%}
    {{- return(graph[name]) -}}
{%- endmacro %}


{% macro read_books() -%}
    {%- set found = {
        'run': this_run(), 'tables': {}, 'commits': {}, 'fingerprints': {}, 'full_builds': {}, 'removed': 0, 'built': {}, 'unmarked': [],
        'bounds': {}, 'told': {}, 'slots': {}, 'before_swaps': {}, 'seeds': marks_of_seeds()
    } -%}
    {%- for table in existing_data_tables() -%}
        {%- do found.tables.update({table.relation.render(): table}) -%}
    {%- endfor -%}
    {%- for row in run_query(
        'with commits as (select model, max(run) as committed, argMax(started_at, run) as began_at,'
        ~ ' toUnixTimestamp64Milli(ifNull(argMax(data_through, run), ' ~ beginning_of_time() ~ ')) as through from ' ~ run_table('run_commits')
        ~ ' group by model) select commits.model as model, committed, began_at, through, fingerprint_then, full_build,'
        ~ ' (select max(run) from ' ~ run_table('run_removals') ~ ') as removed from commits'
        ~ ' left any join (select model, fingerprint as fingerprint_then from ' ~ run_table('run_models')
        ~ ' where (model, run) in (select model, committed from commits)) as builds on commits.model = builds.model'
        ~ ' left any join (select model, max(run) as full_build from ' ~ run_table('run_models')
        ~ ' where is_full group by model) as whole on commits.model = whole.model'
    ).rows -%}
        {%- do found.commits.update({row['model']: {'run': row['committed'], 'began_at': row['began_at'], 'data_through': row['through']}}) -%}
        {%- do found.fingerprints.update({row['model']: row['fingerprint_then']}) -%}
        {%- do found.full_builds.update({row['model']: row['full_build']}) -%}
        {%- do found.update({'removed': row['removed']}) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}


{# The number of this run. Raises where a newer one has taken over. #}
{% macro this_run() -%}
    {%- set runs = run_query(
        'select maxIf(run, run_id = ' ~ string_literal(invocation_id) ~ ') as this_run, max(run) as newest_run from ' ~ run_table('runs')
    ).rows[0] -%}
    {%- if runs['this_run'] != runs['newest_run'] -%}
        {%- do exceptions.raise_compiler_error(
            this ~ ': run ' ~ runs['newest_run'] ~ ' began while this one, ' ~ runs['this_run']
            ~ ', was under way, and has taken over. Nothing is lost; build again when it has ended.'
        ) -%}
    {%- endif -%}
    {{- return(runs['this_run']) -}}
{%- endmacro %}


{# A condition of what a run writes, which raises in a run that a newer one has taken over: that one has cleaned up already. #}
{% macro is_newest_run() -%}
    throwIf(
        not {{ is_newest_run_still() }},
        'A newer run of the models has taken over; this one writes nothing more.'
    ) = 0
{%- endmacro %}


{# The same for a mutation, which would try again and again: in such a run it changes nothing. #}
{% macro is_newest_run_still() -%}
    ((select max(run) from {{ run_table('runs') }}) = {{ run_books().run }})
{%- endmacro %}


{# Whether a table of row versions stands; note that one stands now. #}
{% macro has_table(relation) -%}
    {{- return(relation.render() in run_books().tables) -}}
{%- endmacro %}


{% macro note_table(relation) -%}
    {%- do run_books().tables.update({relation.render(): {'relation': relation, 'rows': 0}}) -%}
{%- endmacro %}


{# The last run that had committed a model as this one began, 0 where there is none. #}
{% macro last_commit_of(model_name) -%}
    {{- return(run_books().commits.get(model_name, {'run': 0}).run) -}}
{%- endmacro %}


{# The last run up to `run` that committed a model. #}
{% macro committed_run_of(relation, run) -%}
    {%- set last = last_commit_of(relation.identifier) -%}
    {{- return(last if last <= run else single_value(
        'select max(run) from ' ~ run_table('run_commits') ~ ' where model = ' ~ string_literal(relation.identifier)
        ~ ' and run <= ' ~ run
    )) -}}
{%- endmacro %}


{# The run whose state of a versioned model run `run` reads: its own where it has built the model. #}
{% macro last_run_of(relation, run) -%}
    {%- set books = run_books() -%}
    {{- return(run if run == books.run and relation.identifier in books.built else committed_run_of(relation, run)) -}}
{%- endmacro %}


{# Whether one of some models, by name, was built whole after run `since`, if only by this one. #}
{% macro was_one_built_whole(model_names, since) -%}
    {%- set full_builds = run_books().full_builds -%}
    {%- for name in model_names if full_builds.get(name, 0) > since -%}
        {{- return(true) -}}
    {%- endfor -%}
    {{- return(false) -}}
{%- endmacro %}


{# Whether what changed since a run may be gone in part: no model of the project that was there at the time had still to read it. #}
{% macro is_removed_since(run) -%}
    {{- return(run < run_books().removed) -}}
{%- endmacro %}


{#
    Note that this run has built a model. The book is told as the run ends; at once of what has to outlive it, a whole build that is about
    to show, and of what statements of the run ask it for (config `is_marked_at_once`).
#}
{% macro mark_built(state, is_full=false) -%}
    {%- set books, name = run_books(), this.identifier -%}
    {%- set row = '(' ~ [
        state.run, string_literal(name), is_full, string_literal(state.fingerprint), "now64(3, 'UTC')"
    ] | join(', ') ~ ')' -%}
    {%- if is_full -%}
        {%- do mark_all_built([row]) -%}
        {%- do books.full_builds.update({name: state.run}) -%}
    {%- else -%}
        {%- do mark_all_built([row]) if config.get('is_marked_at_once') else books.unmarked.append(row) -%}
        {%- do books.built.update({name: state}) -%}
    {%- endif -%}
{%- endmacro %}


{% macro mark_all_built(rows) -%}
    {%- if rows -%}
        {%- do run_query(
            'insert into ' ~ run_table('run_models') ~ ' select * from values(' ~ rows | join(', ') ~ ') where ' ~ is_newest_run()
        ) -%}
    {%- endif -%}
{%- endmacro %}
