{% macro significance(a, b, step='last', method='two_proportion_z') %}
{%- do check_choice('significance', 'method', method, ['two_proportion_z', 'fisher']) -%}
{%- if step != 'last' -%}
    {%- do check_integer('significance', 'step', step, least=2) -%}
{%- endif -%}
(
with

-- Of those who entered each funnel, who reached the step.
counts as (

    select
        project_id,
        ifNull(a.entered, 0) as n_a,
        ifNull(a.reached, 0) as converted_a,
        ifNull(b.entered, 0) as n_b,
        ifNull(b.reached, 0) as converted_b,
        converted_a / nullIf(n_a, 0) as rate_a,
        converted_b / nullIf(n_b, 0) as rate_b,
        (converted_a + converted_b) / nullIf(n_a + n_b, 0) as pooled_rate
    from {{ converted_of('a', a, step) }} as a
    -- A side of nobody may have no row.
    full outer join {{ converted_of('b', b, step) }} as b
        using (project_id)

),

errors as (

    select
        *,
        rate_b - rate_a as difference,
        -- The interval leaves the rates apart; the test supposes that they are one.
        sqrt(rate_a * (1 - rate_a) / n_a + rate_b * (1 - rate_b) / n_b) as standard_error,
        sqrt(pooled_rate * (1 - pooled_rate) * (1 / n_a + 1 / n_b)) as pooled_error
    from counts

)

select
    project_id,
    difference,
    difference - 1.959963984540054 * standard_error as ci_low,
    difference + 1.959963984540054 * standard_error as ci_high,
    {{ p_value(method) }} as p_value,
    n_a,
    n_b
from errors
order by project_id
)
{% endmacro %}


{#- The two-sided p-value of a difference, from the columns of `significance`. -#}
{%- macro p_value(method) -%}
    {%- if method == 'two_proportion_z' -%}
        {{- return('erfc(abs(difference) / nullIf(pooled_error, 0) / sqrt(2))') -}}
    {%- endif -%}
    {#- Of all tables with these margins, those that are no more likely than the one seen (R. A. Fisher, 1935). -#}
    {%- set probability = 'exp(' ~ ln_choose('n_a', 'k') ~ ' + ' ~ ln_choose('n_b', 'converted_a + converted_b - k')
        ~ ' - ' ~ ln_choose('n_a + n_b', 'converted_a + converted_b') ~ ')' -%}
    {%- set least = 'greatest(0, toInt64(converted_a + converted_b) - toInt64(n_b))' -%}
    {%- set most = 'least(n_a, converted_a + converted_b)' -%}
    {%- set tables = 'range(toUInt64(' ~ least ~ '), toUInt64(' ~ most ~ ') + 1)' -%}
    {%- set probabilities = 'arrayMap(k -> ' ~ probability ~ ', ' ~ tables ~ ')' -%}
    {%- set seen = 'arrayElement(' ~ probabilities ~ ', toInt64(converted_a) - ' ~ least ~ ' + 1)' -%}
    {{- return('if(n_a = 0 or n_b = 0, null, least(1, arraySum(arrayFilter(p -> p <= ' ~ seen ~ ' * (1 + 1e-7), '
        ~ probabilities ~ '))))') -}}
{%- endmacro -%}


{#- The logarithm of how many ways there are to choose. -#}
{%- macro ln_choose(all, chosen) -%}
    {{- return('(lgamma(toFloat64(' ~ all ~ ') + 1) - lgamma(toFloat64(' ~ chosen ~ ') + 1) - lgamma(toFloat64(' ~ all
        ~ ') - toFloat64(' ~ chosen ~ ') + 1))') -}}
{%- endmacro -%}


{#-
    One side of `significance` as a bracketed subquery: project_id, entered (step 1), reached (the step asked for). A
    side is a funnel, or {'funnel': funnel, 'breakdown': value}.
-#}
{%- macro converted_of(argument, side, step) -%}
    {%- set allowed = "a funnel such as funnel(steps=[…]), or {'funnel': funnel(…), 'breakdown': value}" -%}
    {%- set side = side if side is mapping else {'funnel': side} -%}
    {%- if side.keys() | reject('in', ['funnel', 'breakdown']) | list or not (side.get('funnel', '') ~ '').strip() -%}
        {%- do argument_error('significance', argument, side, allowed) -%}
    {%- endif -%}
    {%- if side.get('breakdown') is not none and side['breakdown'] is not string -%}
        {%- do argument_error('significance', argument ~ '.breakdown', side['breakdown'], 'a value as text') -%}
    {%- endif -%}
    (
        select
            project_id,
            argMin(steps.entered, steps.step_number) as entered,
            {% if step == 'last' -%}
            argMax(steps.entered, steps.step_number) as reached
            {%- else -%}
            sumIf(steps.entered, steps.step_number = {{ step }}) as reached
            {%- endif %}
        from {{ side['funnel'] }} as steps
        where breakdown = {{ string_literal(side.get('breakdown') or '') }}
        group by project_id
        {%- if step != 'last' %}
        having throwIf(
            countIf(steps.step_number = {{ step }}) = 0,
            'significance(): argument `step` is {{ step }}; allowed: a step of both funnels.'
        ) = 0
        {%- endif %}
    )
{%- endmacro -%}
