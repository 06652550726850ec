{#
    The channel that brought a visitor, by the seed `channel_rules`: first the rule of source and medium together, then that
    of the medium alone, then that of the source alone. A referrer of the page's own host is no source.
#}
{% macro channel(source, medium, referrer_host, page_host) -%}
    {%- set origin -%}
        lower(multiIf(
            {{ source }} != '', {{ source }},
            {{ referrer_host }} = {{ without_www(page_host) }}, '',
            {{ referrer_host }}
        ))
    {%- endset -%}
    {%- set source_kind -%}
        multiIf(
            {{ origin }} = '', 'none',
            {{ channel_rule('source', origin) }} != '', {{ channel_rule('source', origin) }},
            {{ channel_rule('source', site(origin)) }} != '', {{ channel_rule('source', site(origin)) }},
            {{ source }} != '', 'other',
            'referrer'
        )
    {%- endset -%}
    {%- set medium_kind -%}
        multiIf(
            {{ medium }} = '', 'none',
            {{ channel_rule('medium', 'lower(' ~ medium ~ ')') }} != '', {{ channel_rule('medium', 'lower(' ~ medium ~ ')') }},
            'other'
        )
    {%- endset -%}
    {%- set keys = ["concat(" ~ source_kind ~ ", '/', " ~ medium_kind ~ ")", "concat('*/', " ~ medium_kind ~ ")", "concat(" ~ source_kind ~ ", '/*')"] -%}
    coalesce(
        {%- for key in keys %}
        nullIf({{ channel_rule('channel', key) }}, ''),
        {%- endfor %}
        'unassigned'
    )
{%- endmacro %}


{# What the seed says of a key, '' where it says nothing. #}
{% macro channel_rule(what, key) -%}
    {%- set rules = "(select arraySort(groupArray((rules.name, rules.value))) from " ~ ref('channel_rules') ~ " as rules where rules.what = '" ~ what ~ "')" -%}
    transform({{ key }}, {{ rules }}.1, {{ rules }}.2, '')
{%- endmacro %}


{# `google` of `www.google.co.uk`: a site has many hosts. #}
{% macro site(host) -%}
    firstSignificantSubdomain(concat('http://', {{ host }}))
{%- endmacro %}
