{% macro component_tables() -%}
    {%- set work = {} -%}
    {%- for name in ['edges', 'next_edges', 'pointers', 'next_pointers', 'found', 'next_found'] -%}
        {%- do work.update({name: working_table(name)}) -%}
    {%- endfor -%}
    {{- return(work) -}}
{%- endmacro %}


{#
    Fill `work.found` (`node_number`, `component_number`) with the component of every node that has an edge to another in
    `edges_sql` (undirected, `left_number`, `right_number`), named by the smallest number in it.

    Rounds run until no edge is left between two components, so a chain of any length comes out right. Each round
    gives every node the smallest number two steps around it, follows these pointers to their ends, and goes on with
    the edges between the ends. Ends lie more than two steps apart, so each round at least halves them: 64 rounds are
    enough for any number that fits, and running out of them is an error of this file, never a result.
#}
{% macro find_components(work, edges_sql) -%}
    {%- do create_working_table(work.edges, first_edges(edges_sql)) -%}
    {%- do create_working_table(work.found, 'select distinct node_number, node_number as component_number from ' ~ work.edges) -%}
    {%- set state = namespace(edges_left=single_value('select count() from ' ~ work.edges), rounds=0) -%}
    {%- for _ in range(64) if state.edges_left -%}
        {%- if state.edges_left -%}
            {%- do create_working_table(work.pointers, smallest_two_steps_around(work)) -%}
            {%- do follow_pointers(work) -%}
            {%- do replace_with(work.found, work.next_found, labels_after(work)) -%}
            {%- do replace_with(work.edges, work.next_edges, edges_between_ends(work)) -%}
            {%- do drop_all([work.pointers]) -%}
            {%- set state.edges_left = single_value('select count() from ' ~ work.edges) -%}
            {%- set state.rounds = state.rounds + 1 -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if state.edges_left -%}
        {%- do exceptions.raise_compiler_error(work.edges ~ ': ' ~ state.edges_left ~ ' edges are left after 64 rounds.') -%}
    {%- endif -%}
    {%- do log(work.found ~ ': ' ~ state.rounds ~ ' rounds') -%}
{%- endmacro %}


{% macro first_edges(edges_sql) -%}
    with edges as (
        {{ edges_sql }}
    )

    select distinct node_number, neighbour_number
    from edges
    array join [left_number, right_number] as node_number, [right_number, left_number] as neighbour_number
    where left_number != right_number
{%- endmacro %}


{% macro smallest_two_steps_around(work) -%}
    select
        member as node_number,
        min(smallest) as pointer_number
    from (
        select
            arrayPushBack(groupArray(neighbour_number), node_number) as members,
            arrayMin(members) as smallest
        from {{ work.edges }}
        group by node_number
    )
    array join members as member
    group by member
{%- endmacro %}


{# Pointers only lead to smaller numbers, so their sum stands still exactly when each points to an end. #}
{% macro follow_pointers(work) -%}
    {%- set sum_of_pointers = 'select toString(sum(toUInt128(pointer_number))) from ' ~ work.pointers -%}
    {%- set state = namespace(before=none, after=single_value(sum_of_pointers)) -%}
    {%- for _ in range(65) -%}
        {%- if state.before != state.after -%}
            {%- do replace_with(work.pointers, work.next_pointers, pointers_of_pointers(work)) -%}
            {%- set state.before = state.after -%}
            {%- set state.after = single_value(sum_of_pointers) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}


{% macro pointers_of_pointers(work) -%}
    select
        near.node_number as node_number,
        far.pointer_number as pointer_number
    from {{ work.pointers }} as near
    inner join {{ work.pointers }} as far
        on near.pointer_number = far.node_number
{%- endmacro %}


{% macro labels_after(work) -%}
    select
        labels.node_number as node_number,
        if(pointers.node_number = 0, labels.component_number, pointers.pointer_number) as component_number
    from {{ work.found }} as labels
    left join {{ work.pointers }} as pointers
        on labels.component_number = pointers.node_number
{%- endmacro %}


{% macro edges_between_ends(work) -%}
    select distinct
        near.pointer_number as node_number,
        far.pointer_number as neighbour_number
    from {{ work.edges }} as edges
    inner join {{ work.pointers }} as near
        on edges.node_number = near.node_number
    inner join {{ work.pointers }} as far
        on edges.neighbour_number = far.node_number
    where near.pointer_number != far.pointer_number
{%- endmacro %}
