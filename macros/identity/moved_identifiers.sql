{#
    The stretches of identifiers that another person has since a run: project_id, identifier_kind, identifier, identifier_key,
    moved_from, moved_to, and person, node and the node that names the person before and after. Who moved lies among all others, so each look reads most of
    `person_ids`: make a table of it where it is asked more than once.
#}
{% macro moved_identifiers(last) -%}
    {%- set persons = data_of(ref('person_ids')) -%}
    select
        before.project_id as project_id,
        before.identifier_kind as identifier_kind,
        before.identifier as identifier,
        before.identifier_key as identifier_key,
        greatest(before.valid_from, after.valid_from) as moved_from,
        least(before.valid_to, after.valid_to) as moved_to,
        before.person_id as person_before,
        after.person_id as person_after,
        before.node as node_before,
        after.node as node_after,
        before.canonical_node as canonical_before,
        after.canonical_node as canonical_after
    from (select * from {{ persons }} where {{ went_since(last) }}) as before
    inner join (select * from {{ persons }} where {{ came_since(last) }}) as after
        on before.identifier_key = after.identifier_key
    where person_before != person_after and moved_from < moved_to
{%- endmacro %}
