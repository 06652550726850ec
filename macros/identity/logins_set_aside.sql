{# The logins of devices on which some count for nobody: kiosks, and those of a cancelled user. #}
{% macro logins_set_aside() -%}
    select *
    from {{ ref('int_device_logins') }}
    where
        device_key in (
            select device_key
            from {{ ref('int_device_owners') }}
            where is_kiosk
            union all
            select device_key
            from {{ ref('stg_raw__identities') }}
            where type = 'unmerge' and device_id != ''
        )
{%- endmacro %}
