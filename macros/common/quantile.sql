{# A quantile of all rows, interpolated linearly, as every quantile here is. #}
{% macro quantile(share, value) -%}
    quantileExactInclusive({{ share }})({{ value }})
{%- endmacro %}


{# Several at once, as an array: the rows are collected once. #}
{% macro quantiles(shares, value) -%}
    quantilesExactInclusive({{ shares | join(', ') }})({{ value }})
{%- endmacro %}
