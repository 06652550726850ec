{#
    The planned properties, each once: property, column, type. `var('planned_properties')` stands in for the plan, e.g. in
    tests.
#}
{% macro planned_properties() -%}
    {{- return(var('planned_properties', none) or tracking_plan().properties) -}}
{%- endmacro %}


{# An event's name as planned: an event that was renamed bears its new name in all of history. #}
{% macro planned_event(event) -%}
    {%- set renamed = tracking_plan().renamed_events -%}
    {%- if renamed -%}
        transform({{ event }}, [{{ string_literals(renamed.keys() | list) }}], [{{ string_literals(renamed.values() | list) }}], {{ event }})
    {%- else -%}
        {{ event }}
    {%- endif -%}
{%- endmacro %}


{# The typed columns of the tracking plan, one name a line. #}
{% macro planned_columns() -%}
    {%- for plan in planned_properties() %}
    {{ plan.column }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# A planned column of any type as text, '' for NULL. #}
{% macro column_as_text(plan) -%}
    {{- return(plan.column if plan.type in ['String', 'LowCardinality(String)'] else 'ifNull(toString(' ~ plan.column ~ "), '')") -}}
{%- endmacro %}


{#
    The member `properties` of an envelope's tuple, with every planned property and nothing else: `a.b` becomes a tuple
    in a tuple. A value that does not fit its type is the type's default, never an error.
#}
{% macro planned_members() -%}
    {{- return('properties ' ~ nested_tuple(planned_tree())) -}}
{%- endmacro %}


{#
    The text that they are parsed from: the payload. Where a planned path may be written with dots in keys, its properties are put
    in front as the JSON column has them, `{"a.b": 1}` as `{"a": {"b": 1}}`: of two equal keys the first counts.
#}
{% macro stepped_payload() -%}
    {%- set keys, searches = [], [] -%}
    {%- for plan in planned_properties() -%}
        {%- for step in plan.property.split('.')[:-1] -%}
            {#- As it is, and as many clients escape it. -#}
            {%- do keys.extend(['"' ~ step ~ '.', tojson(step)[:-1] ~ '.']) -%}
        {%- endfor -%}
    {%- endfor -%}
    {#- The engine looks for up to 255 texts at once. -#}
    {%- for some in keys | unique(true) | batch(200) -%}
        {%- do searches.append('multiSearchAny(payload, [' ~ string_literals(some) ~ '])') -%}
    {%- endfor -%}
    {%- if not searches -%}
        {{- return('payload') -}}
    {%- endif -%}
    {%- set has_key = searches | join(' or ') -%}
    {#- The engine makes a JSON column of all rows, whichever need one: of no text it is made at once. -#}
    {%- set properties = json_object('if(' ~ has_key ~ ", JSONExtractRaw(payload, 'properties'), '')") -%}
    {{- return(
        'if(' ~ has_key ~ ", concat('{\"properties\":', toJSONString(" ~ properties
        ~ "), ',', substring(payload, position(payload, '{') + 1)), payload)"
    ) -}}
{%- endmacro %}


{# Whether what a path leads through is objects. Out of a list the parse would take the elements for the members, by their places. #}
{% macro lies_in_objects(properties, steps) -%}
    {%- set conditions = [] -%}
    {%- for step in steps[:-1] -%}
        {%- do conditions.append('isNull(' ~ json_path(properties, steps[:loop.index]) ~ ')') -%}
    {%- endfor -%}
    {{- return(conditions | join(' and ')) -}}
{%- endmacro %}


{#
    The typed columns out of that member. By position: to find one of 600 members by its name takes the engine as long as to
    parse it, for each block of rows anew. Stands in a SELECT that makes the JSON column `properties`, too.
#}
{% macro planned_values(envelope_properties) -%}
    {%- set tree, values = planned_tree(), [] -%}
    {%- for plan in planned_properties() -%}
        {%- set scope, steps = namespace(value=envelope_properties, node=tree), plan.property.split('.') -%}
        {%- for step in steps -%}
            {%- set position = (scope.node.keys() | list).index(step) + 1 -%}
            {%- set scope.value = 'tupleElement(' ~ scope.value ~ ', ' ~ position ~ ')' -%}
            {%- set scope.node = scope.node[step] -%}
        {%- endfor -%}
        {%- set value = planned_value(scope.value, plan.type) -%}
        {%- if steps | length > 1 -%}
            {#- An `if` makes a plain text of a LowCardinality one. -#}
            {%- set value = 'if(' ~ lies_in_objects('properties', steps) ~ ', ' ~ value ~ ', defaultValueOfTypeName(' ~ string_literal(plan.type) ~ '))'
                ~ ('::' ~ plan.type if plan.type.startswith('LowCardinality')) -%}
        {%- endif -%}
        {%- do values.append(value ~ ' as ' ~ plan.column) -%}
    {%- endfor -%}
    {{- values | join(',\n        ') -}}
{%- endmacro %}


{# The planned properties as they lie in one another: {step: the type that it is parsed as, or {step: ...}}. #}
{% macro planned_tree() -%}
    {%- set tree = {} -%}
    {%- for plan in planned_properties() -%}
        {%- set steps = plan.property.split('.') -%}
        {%- set scope = namespace(node=tree) -%}
        {%- for step in steps[:-1] -%}
            {%- set scope.node = scope.node.setdefault(step, {}) -%}
        {%- endfor -%}
        {%- do scope.node.update({steps[-1]: planned_member_type(plan.type)}) -%}
    {%- endfor -%}
    {{- return(tree) -}}
{%- endmacro %}


{#
    What the parse makes of a property. Only these types come out of it right: a Decimal that is too large throws, an
    integer takes `nan` for a number, a time takes epoch milliseconds for seconds, a fraction `true` for 1. Those are made of the text,
    fractions of one that is not NULL: hundreds of them are flattened faster.
#}
{% macro planned_member_type(type) -%}
    {%- if 'Float' in type -%}
        {{- return('String') -}}
    {%- endif -%}
    {{- return(type if type in ['String', 'LowCardinality(String)', 'Array(String)'] else 'Nullable(String)') -}}
{%- endmacro %}


{% macro planned_value(value, type) -%}
    {%- if 'Float' in type -%}
        {#- The texts `nan` and `inf` read as numbers, and would spoil every sum. -#}
        {%- set number = 'toFloat64OrNull(' ~ value ~ ')' -%}
        {{- return('if(isFinite(' ~ number ~ '), ' ~ number ~ ', null)') -}}
    {%- elif planned_member_type(type) == type -%}
        {{- return(value) -}}
    {%- elif 'Bool' in type -%}
        {%- set typed = "transform(" ~ value ~ ", ['true', '1', 'false', '0'], [true, true, false, false]::Array(Nullable(Bool)), null)" -%}
        {{- return(typed if type.startswith('Nullable') else 'ifNull(' ~ typed ~ ', false)') -}}
    {%- elif 'DateTime64' in type -%}
        {{- return('fromUnixTimestamp64Milli(' ~ milliseconds_of_property(value) ~ ", 'UTC')") -}}
    {%- elif 'Date' in type -%}
        {#- The day of a time as it is written. Of the 30th of February a cast makes the 2nd of March. #}
        {%- set day = 'if(match(' ~ value ~ ", '" ~ iso_time() ~ "'), left(" ~ value ~ ', 10), ' ~ value ~ ')' -%}
        {{- return(
            'if(isNull(parseDateTime64BestEffortOrNull(' ~ day ~ ", 3, 'UTC')), null, accurateCastOrNull(" ~ day ~ ", 'Date32'))"
        ) -}}
    {%- endif -%}
    {{- return('accurateCastOrNull(' ~ value ~ ', ' ~ string_literal(type | replace('Nullable(', '', 1))[:-2] ~ "')") -}}
{%- endmacro %}


{% macro nested_tuple(node) -%}
    {%- set members = [] -%}
    {%- for name, type in node.items() -%}
        {%- do members.append('`' ~ name ~ '` ' ~ (nested_tuple(type) if type is mapping else type)) -%}
    {%- endfor -%}
    {{- return('Tuple(' ~ members | join(', ') ~ ')') -}}
{%- endmacro %}


{#
    How the table of events is stored. Merges keep to as many columns of properties as were read (`json_settings`). What the others share is one
    map in new parts, as in buckets, the engine's way, it takes eight times as long to tell that a property is no object. A part has files of
    its own for each column where these hold 256 KiB or more: with 600 columns a part of 10 MiB took as long to write as four in one file.
    In one file each granule packs each column by itself, so that a fifth is added by small granules of hundreds of columns.
#}
{% macro event_table_settings() -%}
    {%- set planned = planned_properties() | length -%}
    {{- return({
        'merge_max_dynamic_subcolumns_in_wide_part': most_json_subcolumns(),
        'merge_max_dynamic_subcolumns_in_compact_part': most_json_subcolumns(),
        'object_shared_data_serialization_version_for_zero_level_parts': 'map',
        'min_bytes_for_wide_part': 262144 * (40 + planned),
        'index_granularity': 8192 if planned > 100 else packing_settings().index_granularity,
    }) -}}
{%- endmacro %}
