{% macro person_id_of(device='device_id', user='user_id', at='occurred_at', as_of=none) -%}
    {%- if as_of is not none -%}
        {%- do argument_error('person_id_of', 'as_of', as_of, 'none, as what was known earlier is not yet kept') -%}
    {%- endif -%}
    {%- set user, device = '(' ~ user ~ ')', '(' ~ device ~ ')' -%}
    {%- set kind = 'if(' ~ user ~ " != '', 'user', 'device')" -%}
    {%- set identifier = 'if(' ~ user ~ " != '', " ~ user ~ ', ' ~ device ~ ')' -%}
    {{- person_id_of_key(identifier_key(kind, identifier), at) -}}
{%- endmacro %}


{# The same where the identifier's key is at hand. #}
{% macro person_id_of_key(key='identifier_key', at='occurred_at') -%}
    {%- set lookup = slot_of_lookup(ref('person_lookup')) -%}
    if(
        dictGet({{ lookup }}, 'person_id', {{ key }}) != '',
        dictGet({{ lookup }}, 'person_id', {{ key }}),
        dictGet({{ lookup }}, 'person_ids', {{ key }})[
            arrayLastIndex(start -> start <= {{ at }}, dictGet({{ lookup }}, 'valid_from', {{ key }}))
        ]
    )
{%- endmacro %}
