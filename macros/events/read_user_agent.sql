{# What a user agent names: by the look-up, or by the rules themselves where the last run had not seen it. #}
{% macro read_user_agent(column, key) -%}
    {%- set lookup = ref('user_agent_lookup') -%}
    if(
        dictHas({{ lookup }}, {{ key }}) or {{ planned_text('user_agent') }} = '',
        {{ user_agent_value(column, key) }},
        {{ named_by_rules(column, planned_text('user_agent')) }}
    )
{%- endmacro %}


{# As `int_user_agents` reads them. #}
{% macro named_by_rules(column, user_agent) -%}
    {%- set version = "arrayStringConcat(arrayFilter(part -> part != '', [%s, %s]), '.')" -%}
    {%- set browser, os, device = ref('browser_rules'), ref('os_rules'), ref('device_rules') -%}
    {%- set kind = device_type(rule_of(device, 'name', user_agent), rule_of(os, 'name', user_agent), user_agent) -%}
    {{- return({
        'browser': rule_of(browser, 'name', user_agent),
        'browser_version': version % (rule_of(browser, 'major', user_agent), rule_of(browser, 'minor', user_agent)),
        'os': rule_of(os, 'name', user_agent),
        'os_version': version % (rule_of(os, 'major', user_agent), rule_of(os, 'minor', user_agent)),
        'device_type': kind,
        'device_brand': "if((" ~ kind ~ ") = 'bot', '', " ~ rule_of(device, 'brand', user_agent) ~ ')',
        'device_model': "if((" ~ kind ~ ") = 'bot', '', " ~ rule_of(device, 'model', user_agent) ~ ')',
    }[column]) -}}
{%- endmacro %}


{% macro rule_of(rules, attribute, user_agent) -%}
    dictGet({{ rules }}, '{{ attribute }}', {{ user_agent }})
{%- endmacro %}
