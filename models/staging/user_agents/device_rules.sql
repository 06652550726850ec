{{
    config(
        materialized='dictionary',
        fields=[('regexp', 'String'), ('name', 'String'), ('brand', 'String'), ('model', 'String')],
        primary_key='regexp',
        layout='regexp_tree',
        lifetime='0',
    )
}}

{{ user_agent_patterns('device') }}
