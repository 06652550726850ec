{#-
    All funnel models as one long relation, with `funnel` for the name. The list has to be complete: dbt learns from it
    what to build first, and a model that is missing in it is an error here.
-#}
{%- macro united_funnels(relations) -%}
    {%- set names = relations | map(attribute='identifier') | list -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values()
            if node.resource_type == 'model' and node.name.startswith('funnel_') and node.alias not in names -%}
            {{- exceptions.raise_compiler_error(
                "fct_funnels: add ref('" ~ node.name ~ "') to its list of funnels"
            ) -}}
        {%- endfor -%}
    {%- endif -%}
(
    {%- for relation in relations %}
    select
        {{ string_literal(relation.identifier | replace('funnel_', '', 1)) }} as funnel,
        project_id,
        breakdown,
        step_number,
        step_name,
        entered,
        converted_from_start,
        converted_from_previous,
        median_seconds_from_previous,
        p90_seconds_from_previous,
        median_seconds_from_start,
        incomplete
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)
{%- endmacro -%}
