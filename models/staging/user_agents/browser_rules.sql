{{
    config(
        materialized='dictionary',
        fields=[('regexp', 'String'), ('name', 'String'), ('major', 'String'), ('minor', 'String')],
        primary_key='regexp',
        layout='regexp_tree',
        lifetime='0',
    )
}}

select
    id,
    parent_id,
    regexp,
    keys,
    values
from {{ ref('stg_user_agents__rules') }}
where kind = 'browser'
