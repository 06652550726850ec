-- The view of 0008, but that only what the schedule tried counts as an attempt, and puts the next one off: not what a person
-- tried at once (action 'retry_now') or with a fix.
create or replace view {database}.sideline as
with

unusable as (

    select 'events' as stream, topic, generation, partition, offset, key, kafka_timestamp, headers, payload, error_class, error_reason, check_version, loaded_at
    from {database}.events
    where lane = 'live' and error_class != ''
    union all
    select 'identities' as stream, topic, generation, partition, offset, key, kafka_timestamp, headers, payload, error_class, error_reason, check_version, loaded_at
    from {database}.identities
    where lane = 'live' and error_class != ''
    union all
    select 'people' as stream, topic, generation, partition, offset, key, kafka_timestamp, headers, payload, error_class, error_reason, check_version, loaded_at
    from {database}.people
    where lane = 'live' and error_class != ''

),

replayed as (

    select 'events' as stream, topic, generation, partition, offset, replay_seq, fix, loaded_at as replayed_at
    from {database}.events
    where lane = 'replay' and error_class = ''
    union all
    select 'identities' as stream, topic, generation, partition, offset, replay_seq, fix, loaded_at as replayed_at
    from {database}.identities
    where lane = 'replay' and error_class = ''
    union all
    select 'people' as stream, topic, generation, partition, offset, replay_seq, fix, loaded_at as replayed_at
    from {database}.people
    where lane = 'replay' and error_class = ''

),

done as (

    select
        topic, generation, partition, offset,
        countIf(action = 'retry') as attempts,
        countIf(action = 'discard') > 0 as is_discarded,
        countIf(action = 'die') > 0 as is_dead,
        argMax(reason, at) as reason,
        max(at) as last_done_at,
        maxIf(at, action = 'retry') as last_attempt_at,
        max(check_version) as last_check_version
    from {database}.sideline_log
    group by topic, generation, partition, offset

)

select
    unusable.stream as stream,
    unusable.topic as topic,
    unusable.generation as generation,
    unusable.partition as partition,
    unusable.offset as offset,
    unusable.key as key,
    unusable.kafka_timestamp as kafka_timestamp,
    unusable.headers as headers,
    unusable.payload as payload,
    'check' as stage,
    unusable.error_class as error_class,
    unusable.error_reason as error_message,
    greatest(unusable.check_version, done.last_check_version) as check_version,
    done.attempts + (replayed.replay_seq > 0) as attempts,
    multiIf(replayed.replay_seq > 0, 'replayed', done.is_discarded, 'discarded', done.is_dead, 'dead', 'pending') as state,
    done.reason as reason,
    replayed.replay_seq as replay_seq,
    replayed.fix as fix,
    unusable.loaded_at as first_seen_at,
    greatest(unusable.loaded_at, done.last_done_at, replayed.replayed_at) as last_seen_at,
    greatest(unusable.loaded_at, done.last_attempt_at) as last_attempt_at
from unusable
left join done using (topic, generation, partition, offset)
left join replayed using (stream, topic, generation, partition, offset)
