{#-
    The arguments that all public macros share, checked and compiled.

    Returns a mapping that the other helpers call `call`: macro, events, projects (list or none), start, end (SQL or
    none), timezone, week_start, where, actor (SQL), breakdown (SQL of a String, or none), breakdown_is_list,
    breakdown_limit, missing_breakdown (SQL of what stands for no value), by_identifier (see `owner_keys`), and
    person_paths, cohorts and free_properties, which `compile_expression` fills (the last is none where events are not
    `fct_events`).
-#}
{%- macro common_arguments(macro, arguments) -%}
    {%- set allowed = [
        'events', 'project_id', 'start', 'end', 'timezone', 'week_start', 'where', 'breakdown', 'breakdown_limit', 'actor'
    ] -%}
    {%- for argument in arguments if argument not in allowed -%}
        {%- do argument_error(macro, argument, arguments[argument], 'no such argument; the common ones are '
            ~ allowed | join(', ')) -%}
    {%- endfor -%}
    {%- set call = {
        'macro': macro, 'person_paths': [], 'cohorts': [], 'actor': 'person_id', 'where': none, 'breakdown': none
    } -%}
    {%- set events = arguments.get('events') -%}
    {%- set call = dict(call, events=(ref('fct_events') if events is none else events) ~ '') -%}
    {%- set call = dict(call, by_identifier=is_by_identifier(arguments, call.events)) -%}
    {%- set call = dict(call, free_properties={} if is_facts(call.events) else none) -%}
    {%- if not call.events.strip() -%}
        {%- do argument_error(macro, 'events', events, 'a relation, by default ref(\'fct_events\')') -%}
    {%- endif -%}
    {%- set projects = arguments.get('project_id') -%}
    {%- set projects = none if projects is none else check_texts(macro, 'project_id', projects) -%}
    {%- set timezone = arguments.get('timezone') or var('timezone', 'UTC') -%}
    {%- if timezone is not string or timezone not in modules.pytz.all_timezones_set -%}
        {%- do argument_error(macro, 'timezone', timezone, "an IANA time zone such as 'Europe/Berlin'") -%}
    {%- endif -%}
    {%- set week_start = arguments.get('week_start') or var('week_start', 'monday') -%}
    {%- do check_choice(macro, 'week_start', week_start, ['monday', 'sunday']) -%}
    {%- set start, end = arguments.get('start'), arguments.get('end') -%}
    {%- set call = dict(call, projects=projects, timezone=timezone, week_start=week_start,
        start=none if start is none else check_timestamp(macro, 'start', start, timezone),
        end=none if end is none else check_timestamp(macro, 'end', end, timezone)) -%}
    {%- if start is not none and end is not none and is_later(start, end) -%}
        {%- do argument_error(macro, 'start', start ~ '', 'nothing later than `end`, which is ' ~ end) -%}
    {%- endif -%}
    {%- if arguments.get('actor') is not none and arguments['actor'] != 'person_id' -%}
        {#- in_cohort() inside the actor would need the actor. -#}
        {%- set actor = compile_expression(call, 'actor', arguments['actor']) -%}
        {%- set call = dict(call, actor='ifNull(toString(' ~ actor ~ "), '')") -%}
    {%- endif -%}
    {%- if arguments.get('where') is not none -%}
        {%- set call = dict(call, where=compile_condition(call, 'where', arguments['where'])) -%}
    {%- endif -%}
    {{- return(dict(call, **breakdown_arguments(call, arguments))) -}}
{%- endmacro -%}


{#-
    A list of breakdowns travels as one String, the JSON of its values: one key, and no two lists look the same.
    `breakdown_columns` takes it apart again.
-#}
{%- macro breakdown_arguments(call, arguments) -%}
    {%- set breakdown, limit = arguments.get('breakdown'), arguments.get('breakdown_limit') -%}
    {%- if breakdown is none and limit is not none -%}
        {%- do argument_error(call.macro, 'breakdown_limit', limit, 'only together with `breakdown`') -%}
    {%- elif limit is not none -%}
        {%- do check_integer(call.macro, 'breakdown_limit', limit) -%}
    {%- endif -%}
    {%- set values = [] -%}
    {%- for one in ([] if breakdown is none else check_texts(call.macro, 'breakdown', breakdown, 'an expression or a list of them')) -%}
        {%- do values.append('ifNull(toString(' ~ compile_expression(call, 'breakdown', one) ~ "), '')") -%}
    {%- endfor -%}
    {%- set is_list = breakdown is not none and is_list(breakdown) -%}
    {%- set sql = 'toJSONString([' ~ values | join(', ') ~ '])' if is_list else values | first if values else none -%}
    {%- set missing = '[' ~ (['""'] * values | length) | join(',') ~ ']' if is_list else '' -%}
    {{- return({
        'breakdown': sql, 'breakdown_is_list': is_list, 'breakdown_limit': limit,
        'missing_breakdown': string_literal(missing),
    }) -}}
{%- endmacro -%}


{#- The result's columns for a breakdown carried as `value`; nothing of a list is lost in its label. -#}
{%- macro breakdown_columns(call, value='breakdown') -%}
    {%- if not call.breakdown_is_list -%}
        {{- return(value ~ ' as breakdown') -}}
    {%- endif -%}
    {%- set values = "JSONExtract(" ~ value ~ ", 'Array(String)')" -%}
    {{- return('arrayStringConcat(' ~ values ~ ", ', ') as breakdown, " ~ values ~ ' as breakdown_values') -}}
{%- endmacro -%}


{#- What stands for the values beyond `breakdown_limit`, in the form in which values travel. -#}
{%- macro other_breakdown(call) -%}
    {{- return("'[\"other\"]'" if call.breakdown_is_list else "'other'") -}}
{%- endmacro -%}
