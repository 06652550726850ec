{#-
    An expression or condition of the caller as SQL: `properties.a.b`, `number(properties.a.b)`, the same of `person`,
    and `in_cohort('name')` are replaced; everything else is left as it is.

    It is a lexer and no search-and-replace: what stands in a string, a heredoc, a quoted name or a comment, or belongs
    to another name (`my_properties.a`, `old.properties.a`, `properties.a.:Int64`), is not touched.
-#}
{%- macro compile_expression(call, argument, text) -%}
    {%- do check_text(call.macro, argument, text, 'a non-empty SQL expression on the event columns') -%}
    {%- set path = '((?:\\.(?:[A-Za-z_$][\\w$]*|`(?:[^`\\\\]|\\\\.)+`))+)(?![\\w$(]|\\s*\\.[:^`\\w$])' -%}
    {%- set token = "(?s)(?P<skip>'(?:[^'\\\\]|\\\\.|'')*'"
        ~ '|"(?:[^"\\\\]|\\\\.|"")*"|`(?:[^`\\\\]|\\\\.|``)*`|\\$(?P<tag>\\w*)\\$.*?\\$(?P=tag)\\$'
        ~ '|--[^\\n]*|#[ !][^\\n]*|/\\*.*?\\*/)'
        ~ '|(?<![\\w$.`"])number\\(\\s*(?P<number>properties|person)(?P<number_path>' ~ path ~ ')\\s*\\)'
        ~ '|(?<![\\w$.`"])(?P<text>properties|person)(?P<text_path>' ~ path ~ ')'
        ~ "|(?<![\\w$.`\"])in_cohort\\(\\s*'(?P<cohort>\\w+)'\\s*\\)"
        ~ '|(?P<open>[\'"`]|/\\*)' -%}
    {%- set pieces, at = [], namespace(end=0, comment=false) -%}
    {%- for found in modules.re.finditer(token, text) -%}
        {%- do pieces.append(text[at.end:found.start()]) -%}
        {%- set at.end = found.end() -%}
        {%- if found.group('open') -%}
            {%- do argument_error(call.macro, argument, text, 'an SQL expression whose quotes and comments are closed') -%}
        {%- elif found.group('skip') is not none -%}
            {%- do pieces.append(found.group()) -%}
            {%- set at.comment = at.comment or found.group().startswith('--') or found.group().startswith('#') -%}
        {%- elif found.group('cohort') -%}
            {%- do pieces.append(in_cohort_condition(call, found.group('cohort'))) -%}
        {%- else -%}
            {%- set as_number = found.group('number') is not none -%}
            {%- set owner = found.group('number') or found.group('text') -%}
            {%- set parts = property_path(found.group('number_path') or found.group('text_path')) -%}
            {%- do pieces.append(property_of(call, owner, parts, as_number)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do pieces.append(text[at.end:]) -%}
    {{- return(pieces | join ~ ('\n' if at.comment else '')) -}}
{%- endmacro -%}


{#- A condition is bracketed, so that its `or` stays inside. -#}
{%- macro compile_condition(call, argument, text) -%}
    {{- return('(' ~ compile_expression(call, argument, text) ~ ')') -}}
{%- endmacro -%}


{#- '.a.`b c`' as ['a', 'b c']. -#}
{%- macro property_path(path) -%}
    {%- set parts = [] -%}
    {%- for part in modules.re.findall('\\.(?:`((?:[^`\\\\]|\\\\.)+)`|([\\w$]+))', path) -%}
        {%- do parts.append(modules.re.sub('\\\\(.)', '\\1', part[0]) or part[1]) -%}
    {%- endfor -%}
    {{- return(parts) -}}
{%- endmacro -%}


{%- macro in_cohort_condition(call, name) -%}
    {%- do call.get('cohorts', []).append(name) -%}
    {{- return('(project_id, ' ~ call.actor ~ ') in (select project_id, actor from ' ~ ref('cohort_' ~ name) ~ ')') -}}
{%- endmacro -%}
