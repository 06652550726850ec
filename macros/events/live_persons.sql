{#
    Whose an event of `events_live` is. An identifier that the last run did not know is a person by itself, as it will be where
    nothing else is said of it.
#}
{% macro live_person_id() -%}
    {{ person_as_text('if(' ~ person_of_key() ~ " = 0 and distinct_id != '', " ~ person_of_its_own() ~ ', ' ~ person_of_key() ~ ')') }}
{%- endmacro %}


{% macro person_of_its_own() -%}
    reinterpretAsUInt128(sipHash128(project_id, if(
        user_id != '', {{ user_node('user_id') }}, {{ anonymous_node('device_id', beginning_of_time()) }}
    )))
{%- endmacro %}


{#
    The same of an identifier's key alone, for those who group by it. The few keys of `live_persons` are a scalar, computed once. It
    lies beside the caller's `events_live`, which is built after it: a `ref` that hangs on an argument is none to dbt.
#}
{% macro live_person_of_key(events, key, at) -%}
    {%- set newcomers -%}
        (
            select (groupArray(identifier_key), groupArray(person))
            from (
                select identifier_key, person from {{ modules.re.sub('events_live(`?)$', 'live_persons\\1', events) }}
                union all
                select 0, 0
            )
        )
    {%- endset -%}
    if(
        {{ person_of_key(key, at) }} = 0,
        {{ newcomers }}.2[transform({{ key }}, {{ newcomers }}.1, arrayEnumerate({{ newcomers }}.1), 0)],
        {{ person_of_key(key, at) }}
    )
{%- endmacro %}
