{#
    What models were before their tables were swapped, for whoever has still to tell what differs now: their own restatements, of sums
    by cell, and the ledgers that a model names (`told_by`, config). A clone of the table, `<model>__<run>_before`: the same parts on
    the disk, so it takes no time, and room only for what has gone. It stands until all of them have committed since; so neither a run that
    dies after the swap nor one that leaves a ledger out takes the news along.
#}
{% macro keep_before_swap() -%}
    {%- set told = commits_of_tellers(model) -%}
    {%- if told and not table_before_swap(this, since=told | max) -%}
        {%- set clone = working_table('before') -%}
        {%- call statement('keep_before_swap') -%}
            create or replace table {{ clone }} clone as {{ data_of(this) }}
        {%- endcall -%}
        {%- do note_before_swap(this.identifier, run_books().run, clone) -%}
    {%- endif -%}
{%- endmacro %}


{# The table in which a model stands as a run left it, where another was put in its place after that; else none. #}
{% macro table_before_swap(relation, since) -%}
    {%- for run, table in run_books().before_swaps.get(relation.identifier, []) | sort(attribute='0') if run > since -%}
        {{- return(table) -}}
    {%- endfor -%}
{%- endmacro %}


{# The last commits of those who tell what differs in a model that was swapped. #}
{% macro commits_of_tellers(node) -%}
    {%- set restated, commits = node.config.get('restated'), [] -%}
    {%- for teller in ([node.alias] if restated and restated.measures is mapping else []) + node.config.get('told_by', []) -%}
        {%- do commits.append(last_commit_of(teller)) -%}
    {%- endfor -%}
    {{- return(commits | select | list) -}}
{%- endmacro %}


{# Of tables that earlier runs left, those that somebody has still to read. #}
{% macro note_tables_before_swaps(tables) -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
        {%- set told = commits_of_tellers(node) -%}
        {%- for table in tables if told -%}
            {%- set found = modules.re.fullmatch(node.alias ~ '__([0-9]+)_before', table.identifier) -%}
            {%- if found and told | min < found.group(1) | int -%}
                {%- do note_before_swap(node.alias, found.group(1) | int, table) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}


{% macro note_before_swap(model_name, run, table) -%}
    {%- set noted = run_books().before_swaps.setdefault(model_name, []) -%}
    {%- do noted.append((run, table)) -%}
{%- endmacro %}


{% macro is_before_swap(table) -%}
    {%- for noted in run_books().before_swaps.values() -%}
        {%- for run, other in noted if other.render() == table.render() -%}
            {{- return(true) -}}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(false) -}}
{%- endmacro %}
