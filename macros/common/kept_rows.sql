{#
    What a mart counts from rows that another model keeps, one a person, and builds anew for those with other events only. A model
    that keeps them says of what by its config `definition`, the arguments of the macro; whoever reads them has to ask the same.
#}


{#
    Whether a build reads rows that the model named `kept_by` keeps. Elsewhere, as in unit tests and `dbt show`, the macro
    asks the events, which gives the same.
#}
{%- macro reads_kept_rows(macro, kept_by, arguments, defaults={}) -%}
    {%- if kept_by is none -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- if not execute -%}
        {#- What a run may read has to be told by then; the inputs of a unit test know no other model. -#}
        {%- for name in [check_text(macro, 'kept_by', kept_by, 'the name of a model'), 'int_event_days'] -%}
            {%- do ref(name) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if not build_state().is_building -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name == kept_by -%}
        {%- do check_definition(macro, kept_by, node.config.get('definition') or {}, arguments, defaults) -%}
    {%- endfor -%}
    {{- return(true) -}}
{%- endmacro -%}


{#- Rows of other arguments would give other numbers, and nobody would see it. -#}
{%- macro check_definition(macro, kept_by, definition, arguments, defaults={}) -%}
    {%- set asked, kept = arguments_given(arguments, defaults), arguments_given(definition, defaults) -%}
    {%- if asked != kept -%}
        {%- do argument_error(macro, 'kept_by', kept_by, 'a model that keeps rows of ' ~ asked ~ '; this one keeps those of ' ~ kept) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro arguments_given(arguments, defaults) -%}
    {%- set given = {} -%}
    {%- for name, value in arguments.items() if value != defaults.get(name) -%}
        {%- do given.update({name: value}) -%}
    {%- endfor -%}
    {{- return(given) -}}
{%- endmacro -%}


{#-
    The call of a macro whose rows by person are kept. They have to follow from the events of that person alone, whatever day it is and
    whoever else there is.
-#}
{%- macro kept_call(call, arguments) -%}
    {%- if not execute -%}
        {#- What a build in batches reads has to be told by then. -#}
        {%- do facts_with({}) -%}
        {%- do ref('person_ids') -%}
    {%- endif -%}
    {%- for argument, value, is_kept in [
        ('events', arguments.get('events'), arguments.get('events') is none),
        ('actor', call.actor, call.actor == 'person_id'),
        ('breakdown_limit', call.breakdown_limit, call.breakdown_limit is none),
        ('person', call.person_paths, not call.person_paths),
        ('in_cohort', call.cohorts, not call.cohorts),
    ] if not is_kept -%}
        {%- do argument_error(call.macro, argument, value, 'nothing here: rows are kept by person, and built anew where that person has other events') -%}
    {%- endfor -%}
    {%- set identifiers = identifiers_of_dirty_persons() if call.by_identifier and is_incremental_build() else none -%}
    {{- return(dict(call, identifiers=identifiers)) -}}
{%- endmacro -%}
