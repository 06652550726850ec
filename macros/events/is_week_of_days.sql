{#
    Whether a part of the table of events can hold events of some local days (`day`, a Date of `days`): other partitions, which are
    weeks, are not opened. A day of any time zone lies in the weeks of its neighbours; in the first and the last partitions lie
    the times that no Date can hold.
#}
{% macro is_week_of_days(day, days) -%}
    _partition_id in (
        select toString(toYYYYMMDD(toMonday(arrayJoin([{{ day }} - 1, {{ day }}, {{ day }} + 1]))))
        from {{ days }}
        union all
        select arrayJoin(['19700101', '21490602', '21490606'])
    )
{%- endmacro %}
