{# What an event is told apart by, and whose it is, out of its envelope. #}
{% macro event_ids() -%}
    if(envelope.project_id != '', envelope.project_id, 'default') as project_id,
        envelope.event_id as event_id,
        {{ someone('envelope.device_id') }} as device_id,
        {{ someone('envelope.user_id') }} as user_id,
        if(user_id != '', user_id, device_id) as distinct_id,
        {{ identifier_key("if(user_id != '', 'user', 'device')", 'distinct_id') }} as identifier_key
{%- endmacro %}
