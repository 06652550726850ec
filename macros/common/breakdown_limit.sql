{#-
    The rows of events with all breakdown values but the largest renamed to `other`, so that what is computed from them
    is computed again and not summed.

    `sizes` is a relation with project_id, breakdown and size; ties go to the smaller value.
-#}
{%- macro limit_breakdown(call, rows, sizes) -%}
    (
        select * replace (
            if(
                (project_id, breakdown) in (
                    select
                        project_id,
                        breakdown
                    from {{ sizes }}
                    order by
                        size desc,
                        breakdown asc
                    limit {{ call.breakdown_limit }} by project_id
                ),
                breakdown,
                {{ other_breakdown(call) }}
            ) as breakdown
        )
        from {{ rows }}
    )
{%- endmacro -%}


{#- `event` of a macro that reads any event by default: a bare '*' means that here. -#}
{%- macro step_or_any(call, argument, step) -%}
    {{- return(step_condition(call, argument, {'event': '*'} if step == '*' else step)) -}}
{%- endmacro -%}
