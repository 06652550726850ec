{#-
    Public macros render `( select … )`, so that they stand after `from` as well as alone. ClickHouse takes no `limit`
    after a closing bracket; `dbt show` adds one.
-#}
{% macro clickhouse__get_limit_sql(sql, limit) %}
    {%- if limit is none -%}
        {{ sql }}
    {%- elif sql.strip().startswith('(') -%}
        select * from (
        {{ sql }}
        ) limit {{ limit }}
    {%- else -%}
        {{ sql }}
        limit {{ limit }}
    {%- endif -%}
{% endmacro %}
