{{ config(meta={'dagster': {'ref': {'name': 'fct_events'}}}) }}
-- Columns that stand in the seed, the compiled macro or the contract of fct_events, and not in all three.
-- `throughline plan sync` mends them. Blanks in types are left out: `Decimal(18,4)` is one that people type.
-- depends_on: {{ ref('fct_events') }}
{% set rows = [] -%}
{% if execute -%}
    {% for column in graph.nodes['model.throughline.fct_events'].columns.values() if column.meta.property -%}
        {% do rows.append(string_literals(['the contract', column.meta.property, column.name, column.data_type])) -%}
    {% endfor -%}
    {% for plan in planned_properties() -%}
        {% do rows.append(string_literals(['the models', plan.property, plan.column, plan.type])) -%}
    {% endfor -%}
{% endif -%}
{% set tuples = '[(' ~ rows | join('), (') ~ ')]' if rows else '[]' -%}
with

made as (

    select arrayJoin(cast({{ tuples }}, 'Array(Tuple(String, String, String, String))')) as one

),

columns as (

    select
        one.1 as place,
        one.2 as property,
        one.3 as column,
        replaceAll(one.4, ' ', '') as type
    from made

    union all

    select distinct
        'the seed' as place,
        property,
        column,
        replaceAll(plan.type, ' ', '') as type
    from {{ ref('tracking_plan') }} as plan
    where property != ''

)

select
    property,
    column,
    type,
    groupArray(place) as only_in
from columns
group by property, column, type
having count() != 3
