{#
    How a mart that counts persons by day goes on from what stands. Persons cannot be added up, as who comes today may have been
    there before. But whoever is not touched counts as before. So what those that are touched counted is taken away, and what
    they count now is added, by one look at the events of their days.

    The working tables of such a mart: `changed`, the events that came, went or moved; `touched`, whose days these are; `looked_at`, which
    days of which identifiers tell all of those.
#}


{#
    Whether the model that is built can tell what persons counted before. Else it is computed whole, as when it was not built in a run
    that changed persons, or when the days and the sessions by which it finds events are behind these, or were.
#}
{% macro counts_changes() -%}
    {{- return(is_incremental_build() and person_before() is not none and know_all_events(['int_identifier_days', 'int_sessions_aggregated'])) -}}
{%- endmacro %}


{# Whether these models have read all that the facts have, now and as the model that is built last finished. #}
{% macro know_all_events(names) -%}
    {%- set state, facts = build_state(), ref('int_events_sessionized') -%}
    {%- for name in names -%}
        {%- if last_run_of(ref(name), state.run) < last_run_of(facts, state.run)
            or committed_run_of(ref(name), state.last) < committed_run_of(facts, state.last) -%}
            {{- return(false) -}}
        {%- endif -%}
    {%- endfor -%}
    {{- return(true) -}}
{%- endmacro %}


{# The counted events that came, went, or are in another session now, with their persons, 0 for nobody. #}
{% macro changed_events() -%}
    {%- if counts_changes() -%}
        select
            project_id,
            identifier_key,
            owner_key,
            session_id,
            event,
            {{ activity_date() }} as activity_date,
            change,
            if(change = 1, {{ person_of_key() }}, {{ person_before() }}) as person
        from {{ changes_of(ref('int_events_sessionized')) }}
        where change != 0 and {{ is_counted() }}
    {%- endif -%}
{%- endmacro %}


{# The days on which what a person did may be another thing now: person, activity_date. #}
{% macro touched_days() -%}
    {%- if counts_changes() -%}
        select distinct person, activity_date
        from (
            select person, activity_date
            from {{ working_table('changed') }}
            union all
            -- Of identifiers that may be another's now, all days; of both.
            select
                arrayJoin([{{ person_before(at='segment_at') }}, {{ person_of_key(at='segment_at') }}]) as person,
                activity_date
            from {{ data_of(ref('int_identifier_days')) }}
            prewhere identifier_key in (select identifier_key from {{ changes_of(ref('person_ids')) }} where change != 0)
            where {{ stands_or_stood() }}
        )
        where person != 0
    {%- endif -%}
{%- endmacro %}


{#
    Which days of which identifiers tell all of that: identifier_key, activity_date. Those of all identifiers that touched persons
    have or had, and of the sessions with a changed event. A session is of one device and of one user at most.
#}
{% macro days_to_look_at() -%}
    {%- if counts_changes() -%}
        select distinct identifier_key, activity_date
        from (
            select
                members.identifier_key as identifier_key,
                touched.activity_date as activity_date
            from (
                select identifier_key, reinterpretAsUInt128(unhex(person_id)) as person
                from {{ data_of(ref('person_ids')) }}
                where
                    {{ stands_or_stood() }}
                    and person_id in (select {{ person_as_text('person') }} from {{ working_table('touched') }})
            ) as members
            inner join {{ working_table('touched') }} as touched on members.person = touched.person
            union all
            select owner_key, activity_date
            from {{ working_table('changed') }}
            where session_id != ''
            union all
            select
                sessions.person_identifier_key,
                changed.activity_date
            from (
                select owner_key, session_id, person_identifier_key
                from {{ data_of(ref('int_sessions_aggregated')) }}
                prewhere owner_key in (select owner_key from {{ working_table('changed') }})
                where {{ stands_or_stood() }}
            ) as sessions
            inner join (
                select distinct owner_key, session_id, activity_date
                from {{ working_table('changed') }}
                where session_id != ''
            ) as changed
                on sessions.owner_key = changed.owner_key and sessions.session_id = changed.session_id
        )
    {%- endif -%}
{%- endmacro %}


{# Whether a version of a row tells what is, or what was when the model was last built. #}
{% macro stands_or_stood() -%}
    (closed = 0 or ({{ stood_after(build_state().last) }}))
{%- endmacro %}
