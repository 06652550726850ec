{# What a run changed of who is who, and which message made it do so. The first build has no before. #}
{{
    config(
        materialized='ledger',
        order_by=['project_id', 'person_before', 'person_after'],
        prepare=[
            ['moved', '{{ moved_identifiers(build_state().last) }}'],
            ['places', '{{ places_of_nodes(working_table("moved")) }}'],
        ],
    )
}}
{%- do check_messages_were_heard() %}

with

moved as (

    -- Where an identifier's person before and after are not the same, in the time that both have in common.
    select * from {{ prepared('moved', moved_identifiers(build_state().last)) }}

),

places as (

    select * from {{ prepared('places', places_of_nodes('moved')) }}

),

links as (

    {{ links_that_came() }}

),

placed_links as (

    select
        links.project_id as project_id,
        links.is_join as is_join,
        (links.event_id, links.occurred_at) as message,
        one.component_before as one_before,
        other.component_before as other_before,
        one.component_after = other.component_after as is_one_now
    from links
    left any join places as one on links.project_id = one.project_id and links.left_node = one.node
    left any join places as other on links.project_id = other.project_id and links.right_node = other.node

),

turns as (

    -- Where those who were one were joined to others, or parted.
    select
        project_id,
        is_join,
        message,
        arrayJoin(if(is_join, [one_before, other_before], [one_before])) as component_before
    from placed_links
    where if(is_join, one_before != other_before, one_before = other_before and not is_one_now)

),

causes as (

    select
        project_id,
        component_before,
        argMinIf(message, (message.2, message.1), is_join) as join_message,
        argMinIf(message, (message.2, message.1), not is_join) as unmerge_message
    from turns
    group by project_id, component_before

),

messages as (

    select * from {{ changes_of(ref('stg_raw__identities')) }}
    where change = 1

),

ownership_facts as (

    -- What says whose a device is: logins, resets, and unmerges, which take logins back.
    select
        device_key,
        event_id,
        occurred_at,
        type,
        {{ user_node('user_id') }} as node
    from messages
    where device_id != '' and type != 'merge' and (user_id != '' or type = 'reset')
    union all
    select
        owner_key,
        event_id,
        occurred_at,
        'identify' as type,
        {{ user_node('user_id') }} as node
    from {{ events_that_came() }}
    where
        device_id != ''
        and user_id != ''
        and owner_key in (select moved.identifier_key from moved)

),

claims as (

    select
        moved.identifier_key as identifier_key,
        moved.moved_from as moved_from,
        (facts.event_id, facts.occurred_at) as message,
        -- The login of who has the device now, the reset of a device that nobody has, an unmerge of who had it.
        multiIf(
            facts.type = 'reset', not startsWith(moved.node_after, 'u:'),
            facts.type = 'unmerge', facts.node = moved.node_before,
            facts.node = moved.node_after
        ) as is_told,
        dateDiff('millisecond', moved.moved_from, facts.occurred_at) as milliseconds_after
    from moved
    inner join ownership_facts as facts on moved.identifier_key = facts.device_key
    where moved.node_before != moved.node_after

),

takeovers as (

    -- A device is of who was the last to log in; until the first one did, of that one.
    select
        identifier_key,
        moved_from,
        argMin(message, (not is_told, milliseconds_after > 0, abs(milliseconds_after), message.1)) as message
    from claims
    group by identifier_key, moved_from

),

days as (

    select
        identifier_key,
        activity_date,
        first_at,
        last_at,
        event_count
    from {{ ref('int_identifier_days') }}
    where identifier_key in (select moved.identifier_key from moved)

),

sessions as (

    select
        person_identifier_key,
        person_identified_at
    from {{ ref('int_sessions_aggregated') }}
    where person_identifier_key in (select moved.identifier_key from moved)

),

touched as (

    -- Days with events in a stretch. Not whole are those with events on both sides of where it begins or ends.
    select
        moved.identifier_key as identifier_key,
        moved.moved_from as moved_from,
        moved.moved_to as moved_to,
        days.activity_date as activity_date,
        sum(days.event_count) as event_count,
        min(days.first_at) >= moved_from and max(days.last_at) < moved_to as is_whole
    from moved
    inner join days on moved.identifier_key = days.identifier_key
    where days.last_at >= moved.moved_from and days.first_at < moved.moved_to
    group by identifier_key, moved_from, moved_to, activity_date

),

parts as (

    select * from touched
    where not is_whole

),

events_of_parts as (

    {{ active_events(data_of(ref('int_events_sessionized')), conditions=[
        'closed = 0',
        'identifier_key in (select parts.identifier_key from parts)',
        '(identifier_key, activity_date) in (select parts.identifier_key, parts.activity_date from parts)',
    ]) }}

),

moved_events as (

    select
        touched.identifier_key as identifier_key,
        touched.moved_from as moved_from,
        touched.activity_date as activity_date,
        touched.event_count as event_count
    from touched
    where touched.is_whole
    union all
    select
        parts.identifier_key,
        parts.moved_from,
        parts.activity_date,
        count() as event_count
    from parts
    inner join events_of_parts as events
        on parts.identifier_key = events.identifier_key and parts.activity_date = events.activity_date
    where events.occurred_at >= parts.moved_from and events.occurred_at < parts.moved_to
    group by parts.identifier_key, parts.moved_from, parts.activity_date

),

touched_days as (

    select
        identifier_key,
        moved_from,
        sum(event_count) as event_count,
        groupArray(activity_date) as activity_dates
    from moved_events
    group by identifier_key, moved_from

),

touched_sessions as (

    select
        moved.identifier_key as identifier_key,
        moved.moved_from as moved_from,
        count() as session_count
    from moved
    inner join sessions on moved.identifier_key = sessions.person_identifier_key
    where sessions.person_identified_at >= moved.moved_from and sessions.person_identified_at < moved.moved_to
    group by identifier_key, moved_from

),

explained as (

    select
        moved.project_id as project_id,
        moved.identifier as identifier,
        moved.person_before as person_before,
        moved.person_after as person_after,
        -- Who has one person still with whom that was named by was not parted from it.
        multiIf(
            moved.node_before != moved.node_after, 'takeover',
            namesake.canonical_after = moved.canonical_after, 'merge',
            'split'
        ) as kind,
        -- A person that would be too large is parted by a join, and whole again by an unmerge.
        multiIf(
            kind = 'takeover', takeovers.message,
            (kind = 'merge' or causes.unmerge_message.1 = '') and causes.join_message.1 != '', causes.join_message,
            causes.unmerge_message
        ) as message,
        message.1 as cause_event_id,
        message.2 as caused_at,
        touched_days.event_count as event_count,
        touched_sessions.session_count as session_count,
        touched_days.activity_dates as activity_dates
    from moved
    left any join takeovers
        on moved.identifier_key = takeovers.identifier_key and moved.moved_from = takeovers.moved_from
    left any join places as namesake
        on moved.project_id = namesake.project_id and moved.canonical_before = namesake.node
    left any join places as own on moved.project_id = own.project_id and moved.node_after = own.node
    left any join causes on moved.project_id = causes.project_id and own.component_before = causes.component_before
    left any join touched_days
        on moved.identifier_key = touched_days.identifier_key and moved.moved_from = touched_days.moved_from
    left any join touched_sessions
        on moved.identifier_key = touched_sessions.identifier_key and moved.moved_from = touched_sessions.moved_from

),

still_connected as (

    -- An unmerge of two who hang together by others all the same changes nobody's person.
    select
        messages.project_id as project_id,
        messages.event_id as event_id,
        messages.occurred_at as occurred_at,
        one.person_id as person_id
    from messages
    inner join {{ ref('person_ids') }} as one
        on messages.project_id = one.project_id and {{ user_node('messages.user_id') }} = one.node
    inner join {{ ref('person_ids') }} as other
        on messages.project_id = other.project_id and {{ user_node('messages.previous_id') }} = other.node
    where
        messages.type = 'unmerge' and messages.user_id != '' and messages.previous_id != ''
        and one.identifier_kind = 'user' and other.identifier_kind = 'user'
        and one.person_id = other.person_id

)

select
    explained.project_id as project_id,
    explained.kind::LowCardinality(String) as kind,
    explained.person_before as person_before,
    explained.person_after as person_after,
    explained.cause_event_id as cause_event_id,
    nullIf(explained.caused_at, {{ beginning_of_time() }}) as cause_occurred_at,
    false as still_connected,
    arraySort(groupUniqArray(explained.identifier)) as identifiers,
    sum(explained.event_count) as event_count,
    sum(explained.session_count) as session_count,
    uniqExactArray(explained.activity_dates) as day_count
from explained
group by project_id, kind, person_before, person_after, cause_event_id, cause_occurred_at
union all
select
    project_id,
    'unmerge'::LowCardinality(String) as kind,
    person_id as person_before,
    person_id as person_after,
    event_id as cause_event_id,
    toNullable(occurred_at) as cause_occurred_at,
    true as still_connected,
    emptyArrayString() as identifiers,
    0 as event_count,
    0 as session_count,
    0 as day_count
from still_connected
