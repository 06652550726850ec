-- Contracts list their columns; this names the planned ones that `_events__models.yml` does not list in their type.
{% set planned, described = [], {} -%}
{% if execute -%}
    {% for column in graph.nodes['model.throughline.fct_events'].columns.values() -%}
        {% do described.update({column.name: column.data_type}) -%}
    {% endfor -%}
    {% for plan in var('planned_properties') if described.get(plan.column) != plan.type -%}
        {% do planned.append(plan.column) -%}
    {% endfor -%}
{% endif -%}
-- depends_on: {{ ref('fct_events') }}
select arrayJoin({{ planned }}::Array(String)) as missing_column
