{# The people messages of the persons that are built, with what each changes. #}
{% macro profile_changes() -%}
(
    select
        messages.project_id as project_id,
        users.person_id as person_id,
        messages.occurred_at as occurred_at,
        messages.event_id as event_id,
        messages.user_id as user_id,
        messages.type as type,
        -- `unset` may name its properties in a list.
        if(
            JSONType(messages.properties) = 'Array',
            arrayMap(name -> (name, 'null'), JSONExtract(messages.properties, 'Array(String)')),
            JSONExtractKeysAndValuesRaw(messages.properties)
        ) as said,
        -- Of two equal keys the first counts.
        arrayFilter((change, nth) -> nth = 1, said, arrayEnumerateUniq(tupleElement(said, 1))) as changes
    from {{ ref('stg_raw__people') }} as messages
    inner join (
        select
            project_id,
            identifier as user_id,
            person_id
        from {{ ref('person_ids') }}
        where identifier_kind = 'user' and {{ is_dirty('project_id, person_id') }}
    ) as users
        on messages.project_id = users.project_id and messages.user_id = users.user_id
)
{%- endmacro %}
