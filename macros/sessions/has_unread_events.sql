{#
    Whether the session of an event of `fct_events` has events that `int_sessions_aggregated` has not read: nothing where it has read
    all. Not every run builds both, as the `minute` schedule leaves the sessions to the hour.
#}
{% macro has_unread_events() -%}
    {%- set state, facts, sessions = build_state(), ref('int_events_sessionized'), ref('int_sessions_aggregated') -%}
    {%- if state.is_building -%}
        {%- set read = last_run_of(sessions, state.run) -%}
        {%- if was_one_built_whole([facts.identifier], since=read) -%}
            {{- return('true') -}}
        {%- endif -%}
        {{- return(is_of_session_since(facts, read) if read < last_run_of(facts, state.run)) -}}
    {%- endif -%}
    {%- set read -%}
        (select max(run) from {{ run_table('run_commits') }} where model = {{ string_literal(sessions.identifier) }})
    {%- endset -%}
    (select max(run) from {{ run_table('run_models') }} where model = {{ string_literal(facts.identifier) }} and is_full) > {{ read }}
    {#- Folded into a constant as the query is planned: mostly there is none, and then no event is looked at. #}
    or ((select count() from {{ data_of(facts) }} where run > {{ read }}) > 0 and {{ is_of_session_since(facts, read) }})
{%- endmacro %}


{% macro is_of_session_since(facts, run) -%}
    xxh3(toString(session_id)) in (select xxh3(toString(session_id)) from {{ data_of(facts) }} where run > {{ run }})
{%- endmacro %}
