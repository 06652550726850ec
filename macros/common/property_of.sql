{#- A property of the event or of its person: the planned column, text, or Float64 or NULL. -#}
{%- macro property_of(call, owner, path, as_number) -%}
    {%- set planned = planned_property(path | join('.')) if owner == 'properties' else none -%}
    {%- if planned is not none and not as_number -%}
        {{- return(planned.column) -}}
    {%- elif planned is not none -%}
        {%- if modules.re.search('Int|Float|Decimal', planned.type) -%}
            {{- return('toFloat64(' ~ planned.column ~ ')') -}}
        {%- endif -%}
        {{- return(number_of_text(column_as_text(planned))) -}}
    {%- endif -%}
    {%- if owner == 'person' -%}
        {%- if path not in call.person_paths -%}
            {%- do call.person_paths.append(path) -%}
        {%- endif -%}
        {%- set text = person_column(path) -%}
        {{- return(number_of_text(text) if as_number else text) -}}
    {%- endif -%}
    {%- set value = json_number('properties', path) if as_number else json_text('properties', path) -%}
    {#- What a query may need has to be told before all models are known, and so whether its events are `fct_events`. -#}
    {%- if not execute and 'free_properties' in call -%}
        {%- do facts_with({}) -%}
    {%- endif -%}
    {%- if call.get('free_properties') is none -%}
        {{- return(value) -}}
    {%- endif -%}
    {%- set column = path_column('number' if as_number else 'property', path) -%}
    {%- do call.free_properties.update({column: value}) -%}
    {{- return(column) -}}
{%- endmacro -%}


{#- NULL for what is no number, and for NaN and infinity, which would spoil every sum. -#}
{%- macro number_of_text(text) -%}
    {{- return('arrayFirstOrNull(x -> ifNull(isFinite(x), 0), [toFloat64OrNull(' ~ text ~ ')])') -}}
{%- endmacro -%}


{#-
    A path of a JSON column as Float64 or NULL, the same as `number_of_text` of its text. Read type by type it costs a quarter of
    that.
-#}
{%- macro json_number(column, path) -%}
    {%- set value = json_path(column, path) -%}
    {{- return(
        'coalesce(toFloat64(' ~ value ~ '.:Int64), ' ~ value ~ '.:Float64, toFloat64(' ~ value ~ '.:UInt64), '
        ~ number_of_text(value ~ '.:String') ~ ')'
    ) -}}
{%- endmacro -%}


{%- macro json_path(column, path, mark='') -%}
    {%- set names = [] -%}
    {%- for part in path -%}
        {%- do names.append(quoted_identifier(part)) -%}
    {%- endfor -%}
    {{- return(column ~ '.' ~ mark ~ names | join('.')) -}}
{%- endmacro -%}


{%- macro planned_property(name) -%}
    {%- for planned in planned_properties() if planned.property == name -%}
        {{- return(planned) -}}
    {%- endfor -%}
    {{- return(none) -}}
{%- endmacro -%}


{#-
    A path of a JSON column as text: '' when missing or null, the shortest decimal for a number, true/false, JSON for
    objects and arrays (quotes are trimmed of a value that was stored as a date). Bare JSON paths are not safe: one row of another type makes them throw in comparisons and groups.
-#}
{%- macro json_text(column, path) -%}
    {%- set value = json_path(column, path) -%}
    {%- set object = json_path(column, path, mark='^') -%}
    {#- Of the value, which is read anyway: `.:String` would be read beside it. #}
    {%- set text = 'dynamicElement(' ~ value ~ ", 'String')" -%}
    {#- Most events have no property that few have: those are told before an object is written, which costs as much as the rest. #}
    {{- return(
        'multiIf(isNotNull(' ~ text ~ '), assumeNotNull(' ~ text ~ '), '
        ~ 'isNotNull(' ~ value ~ '), trimBoth(assumeNotNull(toJSONString(' ~ value ~ ")), '\"'), "
        ~ 'empty(JSONAllPaths(' ~ object ~ ")), '', toJSONString(" ~ object ~ '))'
    ) -}}
{%- endmacro -%}


{#- The name under which `event_rows` joins a profile property. -#}
{%- macro person_column(path) -%}
    {{- return(path_column('person', path)) -}}
{%- endmacro -%}


{#- No two paths have one name: a colon in a part is escaped. -#}
{%- macro path_column(kind, path) -%}
    {%- set parts = [kind] -%}
    {%- for part in path -%}
        {%- do parts.append(part | replace('\\', '\\\\') | replace(':', '\\:')) -%}
    {%- endfor -%}
    {{- return(quoted_identifier(parts | join(':'))) -}}
{%- endmacro -%}
