{# Whose events follow one another, as a number. A device and a user of the same text are two owners; 0 owns nothing. #}
{% macro session_owner(per) -%}
    {%- set user = identifier_key("'user'", 'user_id') -%}
    {{- return({
        'device': owner_key(),
        'user': "if(user_id != '', " ~ user ~ ', ' ~ owner_key() ~ ')',
        'person': "if(person_id != '', sipHash64(project_id, person_id), 0)",
    }[per]) -}}
{%- endmacro %}


{# Values that end a session when they change: a text, or an array of texts where there are more than the user. #}
{% macro session_keys(split_on) -%}
    {%- set keys = ['user_id'] -%}
    {%- for key in (check_texts('sessionize', 'split_on', split_on) if split_on else []) -%}
        {%- set value = compile_expression({'macro': 'sessionize', 'actor': 'person_id'}, 'split_on', key) -%}
        {%- do keys.append("ifNull(toString(" ~ value ~ "), '')") -%}
    {%- endfor -%}
    {{- return(keys[0] if keys | length == 1 else '[' ~ keys | join(', ') ~ ']') -}}
{%- endmacro %}


{# Whether an event is in a session: somebody owns it, and it is no server event or the like, which open and extend none. #}
{% macro has_session(owner) -%}
    {{ owner }} != 0
    {%- if var('sessionless_where') -%}
        {%- set call = {'macro': 'sessionize', 'actor': 'person_id'} -%}
        {{- ' and not ifNull(' ~ compile_condition(call, "var('sessionless_where')", var('sessionless_where')) ~ ', false)' -}}
    {%- endif -%}
{%- endmacro %}


{#
    For each event of `visit` whether a session starts with it. A key starts one when it differs from the last
    non-empty one of the same session. With the user id alone that is the last non-empty one of the visit, since a
    session that a change starts has a user from its first event on. With more keys, or a longest duration, where one
    session starts depends on where the one before it did: a fold.
#}
{% macro session_starts(visit, split_on, longest_ms) -%}
    {%- if not split_on and longest_ms is none -%}
        arrayMap(
            (user, before) -> before != '' and user != before,
            arrayFill(user -> user != '', {{ visit }}.3) as users,
            arrayPushFront(arrayPopBack(users), '')
        )
    {%- else -%}
        {%- set keys = 'event.3' if split_on else '[event.3]' -%}
        arrayFold(
            (state, event) -> if(
                arrayExists((key, last) -> key != '' and last != '' and key != last, {{ keys }}, state.2)
                {%- if longest_ms is not none %} or event.1 - state.1 > {{ longest_ms }}{% endif %},
                (event.1, {{ keys }}, arrayPushBack(state.3, 1)),
                (state.1, arrayMap((key, last) -> if(key != '', key, last), {{ keys }}, state.2), arrayPushBack(state.3, 0))
            ),
            {{ visit }},
            ({{ visit }}[1].1, {{ keys | replace('event', visit ~ '[1]') }}, emptyArrayUInt8())
        ).3
    {%- endif -%}
{%- endmacro %}
