{#
    Dictionaries that stand until their definition, the rows of their source, dbt's user or its password change, or until the server does not
    hold them, as after a start. Then they are made anew and loaded, so that no reader waits. These take the place of dbt-clickhouse's own, which each run
    makes anew, so that whoever asks one next loads it first. `is_loaded_when_asked` (config) leaves it at that, for what is large and
    seldom asked.
#}
{% materialization dictionary, adapter='clickhouse' %}

    {%- set target = this.incorporate(type='dictionary') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set mark = '' if config.get('is_loaded_when_asked') else dictionary_mark(sql) -%}
    {%- if mark and not flags.FULL_REFRESH and dictionary_stands(mark) -%}
        {% call noop_statement('main', 'nothing new') %}{% endcall %}
    {%- else -%}
        {% call noop_statement('main', 'made anew') %}{% endcall %}
        {%- do create_dictionary(target, dictionary_definition(sql), mark) -%}
        {%- if mark -%}
            {%- do run_query('system reload dictionary ' ~ target) -%}
        {%- endif -%}
    {%- endif -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}

{% endmaterialization %}


{# What is the main statement of a model is written to a file of dbt's, and here is a password. #}
{% macro create_dictionary(dictionary, definition, comment) -%}
    {%- do run_query('create or replace dictionary ' ~ dictionary ~ ' ' ~ definition ~ ' comment ' ~ string_literal(comment)) -%}
{%- endmacro %}


{# What follows the name of a dictionary that is loaded by a SELECT. #}
{% macro dictionary_definition(select_sql, definition=config) -%}
    {%- set loader = adapter.get_credentials({}) -%}
    {%- for name in ['fields', 'primary_key', 'layout'] if not definition.get(name) -%}
        {%- do exceptions.raise_compiler_error(this ~ ": a dictionary's definition lacks `" ~ name ~ '`') -%}
    {%- endfor -%}
    (
        {%- for name, data_type in definition.get('fields') %}
        {{ name }} {{ data_type }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
    primary key {{ definition.get('primary_key') }}
    source(clickhouse(
        user {{ string_literal(loader.user) }} password {{ string_literal(loader.password) }}
        {{ 'db ' ~ string_literal(loader.database) if loader.database }} query {{ string_literal(select_sql) }}
    ))
    layout({{ definition.get('layout') }})
    {%- if definition.get('range') %}
    range(min {{ definition.get('range')[0] }} max {{ definition.get('range')[1] }})
    {%- endif %}
    lifetime(0)
{%- endmacro %}


{# What a dictionary is made of, as its comment: its definition, who loads it, and the rows of its source. #}
{% macro dictionary_mark(select_sql) -%}
    {%- set definition = local_md5(tojson([select_sql, fingerprint_of(model)])) -%}
    {%- set rows = single_value("select concat(toString(count()), ' ', toString(sum(cityHash64(*)))) from (" ~ select_sql ~ ')') -%}
    {{- return('of ' ~ definition ~ ' ' ~ loader_mark() ~ ' ' ~ rows) -}}
{%- endmacro %}


{#
    As whom a dictionary is loaded: it keeps user and password, and with old ones cannot be loaded again once the server was started anew.
    Two bytes of a hash are enough to see that they have changed, and tell nobody what they are.
#}
{% macro loader_mark() -%}
    {%- set credentials = adapter.get_credentials({}) -%}
    {{- return('by ' ~ local_md5(tojson([credentials.user, credentials.password]))[:4]) -}}
{%- endmacro %}


{# The comments of a database's dictionaries by their names. #}
{% macro comments_of_dictionaries(database) -%}
    {%- set comments = {} -%}
    {%- for row in run_query('select name, comment from system.dictionaries where database = ' ~ string_literal(database)).rows -%}
        {%- do comments.update({row['name']: row['comment']}) -%}
    {%- endfor -%}
    {{- return(comments) -}}
{%- endmacro %}


{# Whether the server holds the dictionary that would be made now. #}
{% macro dictionary_stands(mark) -%}
    {{- return(single_value(
        'select count() from system.dictionaries where database = ' ~ string_literal(this.schema) ~ ' and name = '
        ~ string_literal(this.identifier) ~ " and status = 'LOADED' and comment = " ~ string_literal(mark)
    ) > 0) -}}
{%- endmacro %}
