{# The nodes of all components that a changed join touches, as they were and as they are named now. #}
{% macro touched_nodes() -%}
    with

    ends as (

        select distinct
            project_id,
            arrayJoin([left_node, right_node]) as node
        from {{ changes_of(ref('int_identity_edges')) }}
        where change != 0

    )

    select project_id, node from ends
    union all
    select project_id, node
    from {{ data_of(this) }}
    where
        closed = 0
        and (project_id, component_node) in (
            select project_id, component_node
            from {{ data_of(this) }}
            where closed = 0 and (project_id, node) in (select ends.project_id, ends.node from ends)
        )
{%- endmacro %}


{# The joins that hold, among the nodes to look at. #}
{% macro holding_joins() -%}
    select project_id, left_node, right_node
    from {{ standing_rows(ref('int_identity_edges')) }}
    where not is_cut and {{ is_dirty('project_id, left_node', 'project_id, node') }}
{%- endmacro %}


{#
    Numbered in the order of who stands for a person, users before anonymous nodes, so that the smallest number of a
    component is its canonical member and the rounds that find components compare numbers only.
#}
{% macro numbered_nodes() -%}
    select
        project_id,
        node,
        row_number() over (order by project_id, not startsWith(node, 'u:'), node)::UInt64 as node_number
    from (
        select distinct
            project_id,
            arrayJoin([left_node, right_node]) as node
        from ({{ holding_joins() }})
    )
{%- endmacro %}


{% macro component_labels() -%}
    {%- set nodes = working_table('numbered') -%}
    {%- set edges_sql -%}
        select
            left_nodes.node_number as left_number,
            right_nodes.node_number as right_number
        from ({{ holding_joins() }}) as joins
        inner join {{ nodes }} as left_nodes
            on joins.project_id = left_nodes.project_id and joins.left_node = left_nodes.node
        inner join {{ nodes }} as right_nodes
            on joins.project_id = right_nodes.project_id and joins.right_node = right_nodes.node
    {%- endset -%}
    {%- set work = component_tables() -%}
    {%- do find_components(work, edges_sql) -%}
    select node_number, component_number from {{ work.found }}
{%- endmacro %}
