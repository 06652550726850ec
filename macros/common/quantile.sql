{# A quantile of all rows, interpolated linearly, as every quantile here is. #}
{% macro quantile(share, value) -%}
    quantileExactInclusive({{ share }})({{ value }})
{%- endmacro %}
