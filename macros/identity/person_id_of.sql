{% macro person_id_of(device='device_id', user='user_id', at='occurred_at', as_of=none) -%}
    {%- set user, device = '(' ~ user ~ ')', '(' ~ device ~ ')' -%}
    {%- set kind = 'if(' ~ user ~ " != '', 'user', 'device')" -%}
    {%- set identifier = 'if(' ~ user ~ " != '', " ~ user ~ ', ' ~ device ~ ')' -%}
    {%- set key = identifier_key(kind, identifier) -%}
    {%- if as_of is none -%}
        {{- person_id_of_key(key, at) -}}
    {%- else -%}
        {{- person_id_as_known(key, at, check_timestamp('person_id_of', 'as_of', as_of, var('timezone', 'UTC'))) -}}
    {%- endif -%}
{%- endmacro %}


{# The same where the identifier's key is at hand. #}
{% macro person_id_of_key(key='identifier_key', at='occurred_at') -%}
    {{ person_as_text(person_of_key(key, at)) }}
{%- endmacro %}


{#
    The person as a number, 0 for nobody, as dictionaries hold it: it is looked up, grouped and carried several times faster
    than a text of 32 letters, which is written once at the end. Segments are asked for those only whom the first
    dictionary does not know.
#}
{% macro person_of_key(key='identifier_key', at='occurred_at') -%}
    {%- set lookup = ref('person_lookup') -%}
    {{- person_in(slot_of_lookup(lookup), slot_of_lookup(lookup, person_segment_lookup()), key, at) -}}
{%- endmacro %}


{% macro person_in(lookup, segments, key, at) -%}
    dictGetOrDefault({{ lookup }}, 'person', {{ key }}, dictGet({{ segments }}, 'person', {{ key }}, {{ at }}))
{%- endmacro %}


{# A person's number as the text that readers know; nobody's is ''. #}
{% macro person_as_text(person) -%}
    replaceOne(
        lower(hex(reinterpretAsFixedString({{ person }}))),
        '00000000000000000000000000000000',
        ''
    )
{%- endmacro %}


{# As the last run knew it that had committed by then; '' for an identifier that was not known. #}
{% macro person_id_as_known(key, at, known_at) -%}
    {%- set lookup = ref('person_lookup_history') -%}
    dictGet({{ lookup }}, 'person_ids', {{ key }})[
        arrayLastIndex(
            (start, learned_at, revised_at) -> start <= {{ at }} and learned_at <= {{ known_at }} and revised_at > {{ known_at }},
            dictGet({{ lookup }}, 'valid_from', {{ key }}),
            dictGet({{ lookup }}, 'known_from', {{ key }}),
            dictGet({{ lookup }}, 'known_to', {{ key }})
        )
    ]
{%- endmacro %}
