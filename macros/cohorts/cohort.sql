{% macro cohort(name, definition, as_of=none) %}
{%- set call = common_arguments('cohort', kwargs) -%}
{%- if name is not string or not modules.re.fullmatch('[A-Za-z_][A-Za-z0-9_]*', name) -%}
    {%- do argument_error('cohort', 'name', name, 'letters, digits and _; the model is named cohort_<name>') -%}
{%- endif -%}
{%- if call.breakdown is not none -%}
    {%- do argument_error('cohort', 'breakdown', kwargs['breakdown'], 'none: a cohort is one set of actors') -%}
{%- endif -%}
{%- if as_of is not none -%}
    {%- set known_until = check_timestamp('cohort', 'as_of', as_of, call.timezone) -%}
    {#- Nothing later is known at that time. -#}
    {%- set call = dict(call, end=known_until if call.end is none else 'least(' ~ call.end ~ ', ' ~ known_until ~ ')') -%}
{%- endif -%}
{%- set members = cohort_members(call, 'definition', definition) -%}
(
select
    project_id,
    actor,
    entered_at
from {{ members }}
order by
    project_id,
    actor
)
{% endmacro %}
