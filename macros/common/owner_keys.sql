{#-
    What events are grouped by before they are grouped by actor. A person is looked up by the identifier of an event,
    and looking it up for each event, as a text, is half of what a funnel costs. So where persons of `fct_events` are
    counted, events are gathered by identifier first, and whose each is is asked once. The few identifiers that have had
    several persons are gathered by instant as well (`owned_at`, milliseconds; 0 for all others).

    Relations and actors of the caller's own are grouped by actor at once.
-#}
{%- macro owner_keys(call) -%}
    {{- return(['identifier_key', 'owned_at'] if call.by_identifier else ['actor']) -}}
{%- endmacro -%}


{#- The columns of `event_rows` that `owner_keys` need, alias → SQL. -#}
{%- macro owner_columns(call) -%}
    {%- if not call.by_identifier -%}
        {{- return({'actor': call.actor}) -}}
    {%- endif -%}
    {{- return({
        'identifier_key': 'identifier_key',
        'owned_at': 'if(' ~ is_identifier_of_several() ~ ', toUnixTimestamp64Milli(occurred_at), 0)',
    }) -}}
{%- endmacro -%}


{#- The person of an identifier at an instant, as a number. -#}
{%- macro owner_person(call, key='identifier_key', at='occurred_at') -%}
    {{- live_person_of_key(call.events, key, at) if is_events_live(call.events) else person_of_key(key, at) -}}
{%- endmacro -%}


{#-
    Rows of `event_rows(…, by_owner=true)` grouped by actor, as a bracketed subquery: project_id, actor, person (the actor as
    a number where it can be one), `keys`, and `measures`: alias → [an aggregate of rows, an aggregate of the first one's
    values as `owned.<alias>`]. The second puts together what several identifiers of one actor have. Where the call asks for
    no breakdown, the key `breakdown` is ''; grouped by, such a text costs a fifth more.
-#}
{%- macro actor_groups(call, rows, keys, measures) -%}
{%- set constant = [] if call.breakdown else ['breakdown'] -%}
{%- set grouped = keys | reject('in', constant) | list -%}
(
    select
        {#- A person is of one project, and a number is a better key than a text, which is made where it is read. #}
        {{ 'any(project_id) as project_id' if call.by_identifier else 'project_id' }},
        {{ person_as_text('person') ~ ' as actor' if call.by_identifier else 'actor' }},
        {{ 'person' if call.by_identifier else 'actor as person' }},
        {%- for key in keys %}
        {{ "'' as " if key in constant }}{{ key }},
        {%- endfor %}
        {%- for alias, sql in measures.items() %}
        {{ sql[1] if call.by_identifier else sql[0] }} as {{ alias }}{{ ',' if not loop.last }}
        {%- endfor %}
    {%- if call.by_identifier %}
    from (
        select
            any(project_id) as project_id,
            {%- for key in owner_keys(call) + grouped %}
            {{ key }},
            {%- endfor %}
            {%- for alias, sql in measures.items() %}
            {{ sql[0] }} as {{ alias }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ rows }}
        group by
            {{ (owner_keys(call) + grouped) | join(',\n            ') }}
    ) as owned
    group by
        {{ ([owner_person(call, 'identifier_key', "fromUnixTimestamp64Milli(owned_at, 'UTC')") ~ ' as person'] + grouped) | join(',\n        ') }}
    {#- With the bare condition the engine would look up the person of each event: it moves conditions on keys down. #}
    having if(count() > 0, person, 0) != 0
    {%- else %}
    from {{ rows }}
    group by
        {{ (['project_id', 'actor'] + grouped) | join(',\n        ') }}
    {%- endif %}
)
{%- endmacro -%}


{#- The measures of `actor_groups` for aggregates of rows that are arrays, alias → SQL. -#}
{%- macro array_measures(aggregates) -%}
    {%- set measures = {} -%}
    {%- for alias, sql in aggregates.items() -%}
        {%- do measures.update({alias: [sql, 'groupArrayArray(owned.' ~ alias ~ ')']}) -%}
    {%- endfor -%}
    {{- return(measures) -}}
{%- endmacro -%}


{#- Those that collect the values of a column, each at least once, as `units`. -#}
{%- macro distinct_values(column) -%}
    {{- return(array_measures({'units': 'groupUniqArray(' ~ column ~ ')'})) -}}
{%- endmacro -%}


{#-
    Does this call count persons of `fct_events`, `events_live` or `int_active_days`? The input of a dbt unit test has persons,
    but no dictionary.
-#}
{%- macro is_by_identifier(arguments, events) -%}
    {%- if not execute -%}
        {#- A relation has no name of its own before all models are known, but what a query may need has to be told by then. #}
        {%- do ref('person_lookup') -%}
    {%- endif -%}
    {{- return(
        (is_facts(events) or is_events_live(events) or is_relation(events, 'int_active_days'))
        and arguments.get('actor') in [none, 'person_id']
    ) -}}
{%- endmacro -%}


{#- Whether these are the facts, named or by default. The input of a dbt unit test has no table behind it, and knows no other model. -#}
{%- macro is_facts(events) -%}
    {{- return(is_relation(events, 'fct_events') and events ~ '' == ref('fct_events') ~ '') -}}
{%- endmacro -%}


{%- macro is_events_live(events) -%}
    {{- return(is_relation(events, 'events_live')) -}}
{%- endmacro -%}


{%- macro is_relation(events, name) -%}
    {{- return((events ~ '').split('.') | last | replace('`', '') == name) -}}
{%- endmacro -%}


{#-
    Whether an event is of an actor who has several at one time, among those that meet `match` (compiled SQL): of those the
    ids decide the order. They are few, and to collect the ids of all costs more than to look for them. Half of a time is enough to
    tell most others apart, and one event too many does no harm.
-#}
{%- macro has_rivals(call, match=none, after_end=none) -%}
    {%- set rows = event_rows(
        call, columns={'at': 'toUInt32(bitAnd(toUnixTimestamp64Milli(occurred_at), 4294967295))'}, match=match,
        after_end=after_end, by_owner=true
    ) -%}
    {%- set measures = dict(
        array_measures({'times': 'groupArray(at)'}), owners=['[any(actor)]', 'groupArray(owned.identifier_key)']
    ) -%}
    {{- owner_columns(call).values() | first }} in (
        select arrayJoin(owners)
        from {{ actor_groups(call, rows, [], measures) }}
        where arrayUniq(times) < length(times)
    )
{%- endmacro -%}
