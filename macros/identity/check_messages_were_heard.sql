{#
    Raise where `person_ids` has not heard of messages of `stg_raw__identities`, as where it or a model between them was left out: who tells
    what it made of them would say that they changed nothing.
#}
{% macro check_messages_were_heard() -%}
    {%- set persons, messages = ref('person_ids'), ref('stg_raw__identities') -%}
    {%- if build_state().is_building -%}
        {%- set run = run_books().run -%}
        {%- set heard = told_until(
            persons.identifier, last_run_of(persons, run), tellers=['stg_raw__identities', 'stg_raw__people', 'int_events_sessionized']
        ) -%}
        {%- if last_run_of(messages, run) > heard and has_changed(messages, heard) -%}
            {%- do exceptions.raise_compiler_error(
                this.identifier ~ ' tells what ' ~ persons.identifier ~ ' made of the messages in ' ~ messages.identifier
                ~ ', of which it has not heard all. Build +' ~ persons.identifier ~ ' before, or with it.'
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
