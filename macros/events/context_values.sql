{#
    What a client's addresses say about an event: page, campaign, referrer and channel. Stands in a SELECT below
    `planned_values`, as it reads the planned columns `url`, `referrer`, `page`
    and `utm_…`; one that is not planned counts as missing.
#}
{% macro context_values() -%}
    {%- set url, referrer = planned_text('url'), planned_text('referrer') -%}
    {{ host_of(url) }}::LowCardinality(String) as page_host,
        {{ page_path_of(url, planned_text('page')) }} as page_path,
        {%- for part in ['source', 'medium', 'campaign', 'term', 'content'] %}
        {{ campaign_value(part, url) }}::LowCardinality(String) as {{ campaign_column(part) }},
        {%- endfor %}
        {{ without_www(host_of(referrer)) }}::LowCardinality(String) as referrer_host,
        {{ channel('campaign_source', 'campaign_medium', 'referrer_host', 'page_host') }}::LowCardinality(String) as channel
{%- endmacro %}


{# The host of an address, '' where it has none. The engine knows none without a dot, such as `localhost` and the names of an office. #}
{% macro host_of(url) -%}
    lower(if(
        domainRFC({{ url }}) != '' or position({{ url }}, '://') = 0, domainRFC({{ url }}),
        extract({{ url }}, '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:@\\s]+?)[.]?(?:[:/?#]|$)')
    ))
{%- endmacro %}


{# The path of a page's address, else of what a client calls its page. That of a host alone is `/`. #}
{% macro page_path_of(url, page) -%}
    {%- set address = 'cutQueryStringAndFragment(' ~ url ~ ')' -%}
    multiIf(
        path({{ address }}) != '', path({{ address }}),
        position({{ address }}, '//') > 0, '/',
        cutQueryStringAndFragment({{ page }})
    )
{%- endmacro %}


{% macro without_www(host) -%}
    replaceRegexpOne({{ host }}, '^www[.]', '')
{%- endmacro %}


{# A UTM parameter as a property, else out of the page's address. #}
{% macro campaign_value(part, url) -%}
    {%- set property = planned_text('utm_' ~ part) -%}
    if(
        {{ property }} != '', {{ property }},
        decodeURLFormComponent(extractURLParameter({{ url }}, 'utm_{{ part }}'))
    )
{%- endmacro %}


{% macro campaign_column(part) -%}
    {{- return('campaign_name' if part == 'campaign' else 'campaign_' ~ part) -}}
{%- endmacro %}


{# A planned column as text, '' where none has that name. #}
{% macro planned_text(column) -%}
    {%- for plan in planned_properties() if plan.column == column -%}
        {{- return(column_as_text(plan)) -}}
    {%- endfor -%}
    {{- return("''") -}}
{%- endmacro %}
