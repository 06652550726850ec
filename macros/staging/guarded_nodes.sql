{#
    The nodes of a message that are no one, so that what they would have joined can be counted: of each (prefix, as sent,
    as it counts), where something was sent and '' counts.
#}
{% macro guarded_nodes(identifiers) -%}
    arrayFilter(
        node -> node != '',
        [
            {%- for prefix, sent, counted in identifiers %}
            if({{ sent }} != '' and {{ counted }} = '', concat('{{ prefix }}:', {{ sent }}), '')
            {{- ',' if not loop.last }}
            {%- endfor %}
        ]
    )
{%- endmacro %}
