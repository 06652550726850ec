{#-
    The arguments of the funnel macros, checked and compiled.

    Returns a mapping that the other helpers call `funnel`: call, steps, required and optional (1-based numbers), window
    (milliseconds), order, ties, entry, exclusions (condition, from_step, to_step), stops, held, count, attribution
    (`touch`, `bound`), disjoint, needs_ids (the caller shows them), has_ids, never, kept_by (the model whose rows are read).
-#}
{%- macro funnel_settings(macro, given, common, needs_ids=false) -%}
    {%- set defaults = {
        'window': '7 days', 'order': 'ordered', 'ties': 'any', 'entry': 'best', 'exclude': [], 'exclusion': 'void',
        'optional': [], 'hold_constant': [], 'count': 'persons', 'attribution': 'first_touch',
    } -%}
    {%- if given.get('dialect') is not none -%}
        {%- do check_choice(macro, 'dialect', given['dialect'], funnel_dialects() | list) -%}
        {%- do defaults.update(funnel_dialects()[given['dialect']]) -%}
    {%- endif -%}
    {%- set arguments = dict(defaults) -%}
    {%- for argument, value in given.items() if value is not none -%}
        {%- do arguments.update({argument: value}) -%}
    {%- endfor -%}
    {%- if given.get('entry') is none and (arguments.order == 'any' or arguments['count'] == 'totals') -%}
        {#- A dialect's entry is for its ordered funnels, and says which one attempt counts where one does. #}
        {%- do arguments.update({'entry': 'best'}) -%}
    {%- endif -%}
    {%- set call = common_arguments(macro, common) -%}
    {%- set steps = step_conditions(call, 'steps', given.get('steps'), most=32) -%}
    {%- set step_count = steps | length -%}
    {%- do check_choice(macro, 'order', arguments.order, ['ordered', 'strict', 'any']) -%}
    {%- do check_choice(macro, 'ties', arguments.ties, ['any', 'strict']) -%}
    {%- do check_choice(macro, 'entry', arguments.entry, ['best', 'first']) -%}
    {%- do check_choice(macro, 'exclusion', arguments.exclusion, ['void', 'stop']) -%}
    {%- do check_choice(macro, 'count', arguments['count'], ['persons', 'sessions', 'totals']) -%}
    {%- set optional = check_optional(macro, arguments.optional, step_count) -%}
    {%- set exclusions = check_exclusions(call, arguments.exclude, step_count) -%}
    {%- if arguments.order == 'any' -%}
        {%- for argument, value, plain in [
            ('exclude', arguments.exclude, not exclusions), ('entry', arguments.entry, arguments.entry == 'best'),
            ('optional', arguments.optional, not optional),
        ] if not plain -%}
            {%- do argument_error(macro, argument, value, "nothing with order='any'") -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set held = [] -%}
    {%- for one in (check_texts(macro, 'hold_constant', arguments.hold_constant) if arguments.hold_constant else []) -%}
        {%- do held.append('ifNull(toString(' ~ compile_expression(call, 'hold_constant', one) ~ "), '')") -%}
    {%- endfor -%}
    {%- set required = range(1, step_count + 1) | reject('in', optional) | list -%}
    {%- set disjoint = are_disjoint(steps) -%}
    {%- set funnel = {
        'call': call, 'macro': macro, 'steps': steps, 'required': required, 'optional': optional,
        'window': check_duration(macro, 'window', arguments.window), 'order': arguments.order,
        'ties': arguments.ties, 'entry': arguments.entry, 'exclusions': exclusions,
        'stops': arguments.exclusion == 'stop', 'held': held, 'count': arguments['count'],
        'disjoint': disjoint, 'needs_ids': needs_ids, 'never': 'toInt64(9e18)', 'tag': '', 'kept_by': none,
    } -%}
    {%- do funnel.update({'has_ids': needs_ids or held | length > 0 or not disjoint or has_option_rows(funnel)}) -%}
    {%- do funnel.update(funnel_attribution(funnel, given, arguments.attribution)) -%}
    {#- With a limit the walk stands twice in the query, a subquery for each step, and the engine takes 100 in one another. #}
    {%- if step_count > 20 and arguments.order != 'any' and funnel.bound and call.breakdown_limit is not none -%}
        {%- do argument_error(macro, 'steps', given['steps'],
            '20 steps at most with `breakdown_limit` and `attribution` ' ~ arguments.attribution) -%}
    {%- endif -%}
    {{- return(funnel) -}}
{%- endmacro -%}


{#- Who decides an actor's value (`touch`), or which steps are bound to a value of their own (`bound`). -#}
{%- macro funnel_attribution(funnel, given, attribution) -%}
    {%- set step_count = funnel.steps | length -%}
    {%- set allowed = 'first_touch, last_touch, all, or step_1 to step_' ~ step_count -%}
    {%- set step = modules.re.fullmatch('step_([0-9]{1,2})', attribution ~ '') -%}
    {%- set number = step.group(1) | int if step else none -%}
    {%- if attribution not in ['first_touch', 'last_touch', 'all'] and (number is none or not 1 <= number <= step_count) -%}
        {%- do argument_error(funnel.macro, 'attribution', attribution, allowed) -%}
    {%- elif number is not none and funnel.order == 'any' -%}
        {%- do argument_error(funnel.macro, 'attribution', attribution, "no step_<n> with order='any'") -%}
    {%- elif given.get('attribution') is not none and funnel.call.breakdown is none -%}
        {%- do argument_error(funnel.macro, 'attribution', attribution, 'only together with `breakdown`') -%}
    {%- endif -%}
    {%- if funnel.call.breakdown is none -%}
        {{- return({'touch': none, 'bound': [], 'bound_step': none}) -}}
    {%- elif number is not none -%}
        {{- return({'touch': none, 'bound': [number], 'bound_step': number}) -}}
    {%- elif attribution == 'all' -%}
        {{- return({'touch': none, 'bound': range(1, step_count + 1) | list, 'bound_step': none}) -}}
    {%- endif -%}
    {{- return({'touch': attribution, 'bound': [], 'bound_step': none}) -}}
{%- endmacro -%}


{%- macro check_optional(macro, optional, step_count) -%}
    {%- set allowed = 'a list of step numbers, never the first or the last of ' ~ step_count ~ ' steps' -%}
    {%- if not is_list(optional) or optional | reject('integer') | list or optional | select('boolean') | list
        or optional | select('lt', 2) | list or optional | select('ge', step_count) | list -%}
        {%- do argument_error(macro, 'optional', optional, allowed) -%}
    {%- endif -%}
    {{- return(optional | unique | sort | list) -}}
{%- endmacro -%}


{%- macro check_exclusions(call, exclude, step_count) -%}
    {%- set allowed = "a list of {'event': …, 'from_step': i, 'to_step': j} with 1 <= i < j <= " ~ step_count -%}
    {%- set exclusions = [] -%}
    {%- if not is_list(exclude) -%}
        {%- do argument_error(call.macro, 'exclude', exclude, allowed) -%}
    {%- endif -%}
    {%- for one in exclude -%}
        {%- set argument = 'exclude[' ~ loop.index ~ ']' -%}
        {%- if one is not mapping or 'event' not in one -%}
            {%- do argument_error(call.macro, argument, one, allowed) -%}
        {%- endif -%}
        {%- set from_step, to_step = one.get('from_step', 1), one.get('to_step', step_count) -%}
        {%- if from_step is not integer or to_step is not integer or not 1 <= from_step < to_step <= step_count -%}
            {%- do argument_error(call.macro, argument, one, allowed) -%}
        {%- endif -%}
        {%- set step = {} -%}
        {%- for key, value in one.items() if key not in ['from_step', 'to_step'] -%}
            {%- do step.update({key: value}) -%}
        {%- endfor -%}
        {%- set compiled = step_condition(call, argument, step) -%}
        {%- set exclusion = dict(compiled, from_step=from_step, to_step=to_step) -%}
        {%- do exclusions.append(exclusion) if exclusion not in exclusions -%}
    {%- endfor -%}
    {{- return(exclusions) -}}
{%- endmacro -%}


{#- Whether no event can match two steps, whatever the data. -#}
{%- macro are_disjoint(steps) -%}
    {%- set seen = [] -%}
    {%- for step in steps -%}
        {%- if step.names is none -%}
            {{- return(steps | length == 1) -}}
        {%- endif -%}
        {%- for name in step.names | unique(true) -%}
            {%- if name in seen -%}
                {{- return(false) -}}
            {%- endif -%}
            {%- do seen.append(name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(true) -}}
{%- endmacro -%}


{#- What each tool does where nothing else is asked for; docs/dialects.md has the rules. -#}
{%- macro funnel_dialects() -%}
    {{- return({
        'mixpanel': {'window': '7 days', 'entry': 'first', 'exclusion': 'stop', 'attribution': 'first_touch'},
        'amplitude': {'window': '1 day', 'entry': 'best', 'attribution': 'first_touch'},
        'posthog': {'window': '14 days', 'entry': 'best', 'exclusion': 'void', 'attribution': 'first_touch'},
    }) -}}
{%- endmacro -%}
