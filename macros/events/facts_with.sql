{#
    `fct_events` with more columns, {alias: SQL on its columns}, such as properties that nobody planned. They are read beside
    the table: of a JSON column that comes through a subquery or a view the engine reads all of it, however little is asked.
    `identifiers`, a SELECT of keys, leaves out all events but theirs, before anything else of them is read.
#}
{% macro facts_with(columns, identifiers=none) -%}
    {%- set facts = ref('int_events_sessionized') -%}
    (
        select
            {{ event_columns(person_id_of_key()) }}
            {%- for alias, sql in columns.items() %},
            {{ sql }} as {{ alias }}
            {%- endfor %}
        from {{ data_of(facts) }}
        {%- if identifiers %}
        prewhere identifier_key in ({{ identifiers }})
        {%- endif %}
        where {{ is_visible(facts.identifier) }}
    )
{%- endmacro %}
