{#
    Whose events follow one another in sessions, as one number: the device's, else the user's `identifier_key`; 0 for
    nobody. A device's events lie under it also when somebody is logged in.
#}
{% macro owner_key() -%}
    multiIf(
        device_id != '', {{ identifier_key("'device'", 'device_id') }},
        user_id != '', {{ identifier_key("'user'", 'user_id') }},
        0
    )
{%- endmacro %}
