{{
    config(
        materialized='dictionary',
        fields=[('regexp', 'String'), ('name', 'String'), ('brand', 'String'), ('model', 'String')],
        primary_key='regexp',
        layout='regexp_tree',
    )
}}

{{ user_agent_patterns('device') }}
