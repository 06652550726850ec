{#
    What may have joined two nodes or parted them since the model that is built last finished: joins that hold and did not, and unmerges.
    project_id, event_id, occurred_at, left_node, right_node, is_join.
#}
{% macro links_that_came() -%}
    select
        project_id,
        event_id,
        occurred_at,
        left_node,
        right_node,
        true as is_join
    from {{ changes_of(ref('int_identity_edges')) }}
    where change = 1 and not is_cut
    union all
    select
        project_id,
        event_id,
        occurred_at,
        {{ user_node('user_id') }} as left_node,
        {{ user_node('previous_id') }} as right_node,
        false as is_join
    from {{ changes_of(ref('stg_raw__identities')) }}
    where change = 1 and type = 'unmerge' and user_id != '' and previous_id != ''
{%- endmacro %}


{#
    Where the nodes of these lie in the graph of who is who, and those of a relation of moved identifiers: project_id, node,
    component_before, component_after, and canonical_after, which names its person now. One that no join names is alone: each is itself.
#}
{% macro places_of_nodes(moved) -%}
    {%- set stood = stood_after(build_state().last) -%}
    with

    links as (

        {{ links_that_came() }}

    ),

    nodes as (

        select project_id, arrayJoin([left_node, right_node]) as node
        from links
        union all
        select project_id, arrayJoin([node_after, canonical_before]) as node
        from {{ moved }}

    ),

    joined as (

        select
            project_id,
            node,
            anyIf(component_node, {{ stood }}) as component_before,
            anyIf(component_node, closed = 0) as component_after,
            anyIf(component_node, closed = 0 and node_count <= {{ var('max_identifiers') }}) as canonical_after
        from {{ data_of(ref('int_identity_components')) }}
        where
            (closed = 0 or {{ stood }})
            and (project_id, node) in (select nodes.project_id, nodes.node from nodes)
        group by project_id, node

    )

    select distinct
        nodes.project_id as project_id,
        nodes.node as node,
        {%- for place in ['component_before', 'component_after', 'canonical_after'] %}
        if(joined.{{ place }} = '', nodes.node, joined.{{ place }}) as {{ place }}{{ ',' if not loop.last }}
        {%- endfor %}
    from nodes
    left any join joined on nodes.project_id = joined.project_id and nodes.node = joined.node
{%- endmacro %}
