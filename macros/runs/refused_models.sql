{#
    Raise where the config of a model would make it wrong in silence: dbt's own tables know nothing of runs, so one that is made of row
    versions would show those of the run before; and what was published before is known of row versions only.
#}
{% macro refuse_models_without_versions(nodes) -%}
    {%- for node in nodes.values() if node.resource_type == 'model' and node.config.materialized != 'versioned' -%}
        {%- set read = versioned_model_before(nodes, node) if node.config.materialized in ['table', 'incremental'] -%}
        {%- set fault = 'reads `' ~ read ~ '`, of which it would show what the run before left' if read
            else 'has `restated`, which needs what was published before' if node.config.get('restated') -%}
        {%- if fault -%}
            {%- do exceptions.raise_compiler_error(
                node.alias ~ ' is materialized as `' ~ node.config.materialized ~ '`, but ' ~ fault
                ~ ". Say in its config materialized='versioned', and in order_by what tells its rows apart."
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}


{# The name of a model with row versions that a node reads, also through views; none where it reads no such model. #}
{% macro versioned_model_before(nodes, node) -%}
    {%- for parent in node.depends_on.nodes if parent in nodes and nodes[parent].resource_type == 'model' -%}
        {%- set model_before = nodes[parent] -%}
        {%- if model_before.config.materialized in ['versioned', 'ledger'] -%}
            {{- return(model_before.alias) -}}
        {%- endif -%}
        {%- set found = versioned_model_before(nodes, model_before) -%}
        {%- if found -%}
            {{- return(found) -}}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
