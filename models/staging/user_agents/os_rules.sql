{{
    config(
        materialized='dictionary',
        fields=[('regexp', 'String'), ('name', 'String'), ('major', 'String'), ('minor', 'String')],
        primary_key='regexp',
        layout='regexp_tree',
    )
}}

{{ user_agent_patterns('os') }}
