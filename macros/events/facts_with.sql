{#
    `fct_events` with more columns, {alias: SQL on its columns}, such as properties that nobody planned. They are read beside
    the table: of a JSON column that comes through a subquery or a view the engine reads all of it, however little is asked.
#}
{% macro facts_with(columns) -%}
    {%- set facts = ref('int_events_sessionized') -%}
    (
        select
            {{ event_columns(person_id_of_key()) }}
            {%- for alias, sql in columns.items() %},
            {{ sql }} as {{ alias }}
            {%- endfor %}
        from {{ data_of(facts) }}
        where {{ is_visible(facts.identifier) }}
    )
{%- endmacro %}
