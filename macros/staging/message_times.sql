{# The times of a message as clients and gateway wrote them, in milliseconds; NULL where one is absent. #}
{% macro message_times() -%}
    {{ milliseconds('envelope.timestamp') }} as client_timestamp_ms,
    {{ milliseconds('envelope.sent_at') }} as sent_ms,
    {{ milliseconds('envelope.received_at') }} as received_ms
{%- endmacro %}
