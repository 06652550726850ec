{#-
    A step as {'name': label, 'condition': SQL on the event columns, 'first_time': bool, 'names', 'where', 'is_any': whether each event
    meets it}.

    A step is a name, a list of names, or {'event': name, list or '*', 'where', 'name', 'first_time'}. `argument` names
    it in errors, such as `steps[2]`.
-#}
{%- macro step_condition(call, argument, step) -%}
    {%- set allowed = "an event name, a list of names, or {'event': name, list of names or '*', 'where': condition, "
        ~ "'name': label, 'first_time': true or false}" -%}
    {%- if step is mapping -%}
        {%- for key in step if key not in ['event', 'where', 'name', 'first_time'] -%}
            {%- do argument_error(call.macro, argument, step, allowed) -%}
        {%- endfor -%}
        {%- set definition = step -%}
    {%- else -%}
        {%- set definition = {'event': step} -%}
    {%- endif -%}
    {%- if not definition.get('event') -%}
        {%- do argument_error(call.macro, argument, step, allowed) -%}
    {%- endif -%}
    {%- set names = check_texts(call.macro, argument, definition['event'], allowed) -%}
    {%- set first_time = check_flag(call.macro, argument ~ '.first_time', definition.get('first_time', false)) -%}
    {%- set label = definition.get('name') -%}
    {%- set label = names | join(' or ') if label is none else check_text(call.macro, argument ~ '.name', label) -%}
    {#- '*' is any event only where it stands alone: in a list it is a name like any other. -#}
    {%- set any_event = step is mapping and definition['event'] == '*' -%}
    {%- set conditions = [] -%}
    {%- if not any_event -%}
        {%- do conditions.append('event = ' ~ string_literal(names[0]) if names | length == 1
            else 'event in (' ~ string_literals(names) ~ ')') -%}
    {%- endif -%}
    {%- set where = none -%}
    {%- if definition.get('where') is not none -%}
        {%- set where = compile_condition(call, argument ~ '.where', definition['where']) -%}
        {%- do conditions.append(where) -%}
    {%- endif -%}
    {%- set condition = conditions | join(' and ') or '1' -%}
    {%- if first_time -%}
        {%- set condition = condition ~ ' and ' ~ is_first_match(call, condition) -%}
    {%- endif -%}
    {{- return({
        'name': label, 'condition': '(' ~ condition ~ ')', 'first_time': first_time, 'where': where,
        'names': none if any_event else names, 'is_any': not conditions and not first_time,
    }) -}}
{%- endmacro -%}


{#- Whether an event is its actor's first match of a condition in the whole relation (after `where`, in any range). -#}
{%- macro is_first_match(call, condition) -%}
    {%- set firsts -%}
        (project_id, {{ call.actor }}, occurred_at, event_id) in (
            select
                project_id,
                actor,
                first_match.1,
                first_match.2
            from (
                select
                    project_id,
                    actor,
                    min((occurred_at, event_id)) as first_match
                from {{ event_rows(call, match='(' ~ condition ~ ')', from_start=false, to_end=false) }}
                group by
                    project_id,
                    actor
            )
        )
    {%- endset -%}
    {{- return(firsts) -}}
{%- endmacro -%}


{#- `steps` and other lists of steps. -#}
{%- macro step_conditions(call, argument, steps, least=1, most=none) -%}
    {%- if not is_list(steps) or steps | length < least or (most is not none and steps | length > most) -%}
        {%- do argument_error(call.macro, argument, steps, 'a list of ' ~ least ~ ' or more steps'
            ~ ('' if most is none else ', ' ~ most ~ ' at most')) -%}
    {%- endif -%}
    {%- set compiled = [] -%}
    {%- for step in steps -%}
        {%- do compiled.append(step_condition(call, argument ~ '[' ~ loop.index ~ ']', step)) -%}
    {%- endfor -%}
    {{- return(compiled) -}}
{%- endmacro -%}
