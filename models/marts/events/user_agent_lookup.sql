{{
    config(
        materialized='dictionary',
        fields=[
            ('user_agent_key', 'UInt64'),
            ('browser', 'String'),
            ('browser_version', 'String'),
            ('os', 'String'),
            ('os_version', 'String'),
            ('device_type', 'String'),
            ('device_brand', 'String'),
            ('device_model', 'String'),
        ],
        primary_key='user_agent_key',
        layout='hashed_array()',
    )
}}

select
    user_agent_key,
    browser,
    browser_version,
    os,
    os_version,
    device_type,
    device_brand,
    device_model
from {{ standing_rows(ref('int_user_agents')) }}
