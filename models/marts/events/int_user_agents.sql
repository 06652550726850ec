{# A user agent is read once: a thousand patterns cost some 0.2 ms. A new release of the rules reads all again. #}
{{
    config(
        materialized='versioned',
        keys=['user_agent_key'],
        order_by=['user_agent_key', 'rules_release'],
        dirty='{{ user_agents_to_read() }}',
    )
}}

with

user_agents as (

    select distinct
        {{ planned_text('user_agent') }} as user_agent,
        cityHash64(user_agent) as user_agent_key
    from {{ ref('int_events_sessionized') }}
    where user_agent != '' and {{ is_dirty('cityHash64(user_agent)', 'user_agent_key') }}

),

unread as (

    select
        *,
        assumeNotNull((select any(rules.release) from {{ ref('stg_user_agents__rules') }} as rules)) as rules_release
    from user_agents

),

parsed as (

    select
        *,
        dictGet({{ ref('browser_rules') }}, ('name', 'major', 'minor'), user_agent) as browser_rule,
        dictGet({{ ref('os_rules') }}, ('name', 'major', 'minor'), user_agent) as os_rule,
        dictGet({{ ref('device_rules') }}, ('name', 'brand', 'model'), user_agent) as device_rule
    from unread

)

select
    user_agent_key,
    rules_release,
    user_agent,
    browser_rule.1 as browser,
    arrayStringConcat(arrayFilter(part -> part != '', [browser_rule.2, browser_rule.3]), '.') as browser_version,
    os_rule.1 as os,
    arrayStringConcat(arrayFilter(part -> part != '', [os_rule.2, os_rule.3]), '.') as os_version,
    {{ device_type('device_rule.1', 'os_rule.1', 'user_agent') }} as device_type,
    if(device_type = 'bot', '', device_rule.2) as device_brand,
    if(device_type = 'bot', '', device_rule.3) as device_model
from parsed
