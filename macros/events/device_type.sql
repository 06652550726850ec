{#
    The kind of device: `bot`, `tablet`, `mobile`, `tv`, `desktop`, '' where nothing tells. The rules know devices and systems by
    name only; a browser on Android that does not call itself mobile is on a tablet, as Google asks browsers to say so. Apps
    do not follow that.
#}
{% macro device_type(device, os, user_agent) -%}
    multiIf(
        {{ device }} = 'Spider', 'bot',
        match({{ device }}, '^(iPad|Kindle)|Tablet'), 'tablet',
        {{ os }} in ('tvOS', 'Chromecast', 'Roku', 'webOS', 'WebTV', 'FireOS TV', 'Tizen TV') or match({{ user_agent }}, 'SmartTV|SMART-TV|AppleTV|BRAVIA'), 'tv',
        {{ os }} = 'Android' and {{ user_agent }} like 'Mozilla/%' and {{ user_agent }} not like '%Mobile%', 'tablet',
        {{ os }} in ('Android', 'iOS', 'Windows Phone', 'BlackBerry OS', 'Firefox OS', 'KaiOS', 'Symbian OS'), 'mobile',
        {{ os }} in ('Windows', 'Mac OS X', 'Chrome OS', 'FreeBSD', 'OpenBSD', 'Solaris')
        or match({{ os }}, 'Linux|Ubuntu|Fedora|Debian|Red Hat|SUSE|Mint|Gentoo'), 'desktop',
        ''
    )
{%- endmacro %}
