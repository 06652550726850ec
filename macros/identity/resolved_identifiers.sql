{# The identifiers to resolve, with their nodes: each user, and each device in each time of an owner. #}
{% macro resolved_identifiers() -%}
    with

    users as (

        {{ users_to_resolve() }}

    )

    select
        any(project_id) as project_id,
        'user' as identifier_kind,
        any(user_id) as identifier,
        identifier_key,
        {{ beginning_of_time() }} as valid_from,
        {{ end_of_time() }} as valid_to,
        {{ user_node('identifier') }} as node
    from users
    group by identifier_key
    union all
    select project_id, 'device', device_id, device_key, valid_from, valid_to, node
    from {{ ref('int_device_owners') }}
    where {{ is_dirty('device_key', 'identifier_key') }}
{%- endmacro %}


{#
    The users to resolve. That a user who stands is there still needs no proof, unless a sight of it went; so a run reads
    what stands and what came, and asks all of the sources only for those few.
#}
{% macro users_to_resolve() -%}
    {%- if not is_incremental_build() -%}
        {{- return(users_of_sources('true', 'true', 'true')) -}}
    {%- endif -%}
    {%- set lost = working_table('lost') -%}
    {#- A constant to the server, which reads nothing of the sources where nobody is to be looked for. -#}
    {%- set is_lost = '(select count() > 0 from ' ~ lost ~ ') and ' -%}
    select project_id, identifier as user_id, identifier_key
    from {{ data_of(this) }}
    where
        closed = 0
        and identifier_kind = 'user'
        and {{ is_dirty('identifier_key') }}
        and identifier_key not in (select identifier_key from {{ lost }})
    union all
    select project_id, user_id, identifier_key
    from ({{ changed_users() }})
    where change > 0 and {{ is_dirty('identifier_key') }}
    union all
    {{ users_of_sources(
        is_lost ~ 'identifier_key in (select identifier_key from ' ~ lost ~ ')',
        is_lost ~ 'user_key in (select identifier_key from ' ~ lost ~ ')',
        is_lost ~ 'previous_user_key in (select identifier_key from ' ~ lost ~ ')'
    ) }}
{%- endmacro %}


{# Who is named by events and messages, of the keys that these conditions select. #}
{% macro users_of_sources(is_identifier, is_user, is_previous) -%}
    select project_id, user_id, identifier_key
    from {{ ref('int_events_sessionized') }}
    where user_id != '' and {{ is_identifier }}
    union all
    select project_id, user_id, user_key
    from {{ ref('stg_raw__identities') }}
    where user_id != '' and {{ is_user }}
    union all
    select project_id, previous_id, previous_user_key
    from {{ ref('stg_raw__identities') }}
    where previous_id != '' and {{ is_previous }}
    union all
    select project_id, user_id, {{ identifier_key("'user'", 'user_id') }} as identifier_key
    from {{ ref('stg_raw__people') }}
    where user_id != '' and {{ is_identifier }}
{%- endmacro %}
