"""Payloads of two sizes, made by SQL inside ClickHouse: what clients send, with some free properties in each."""

_ENVELOPE = """
    '{"event_id":"', toString(reinterpretAsUUID(sipHash128(number, 'id'))),
    '","event":"', ['page_view', 'view_item', 'add_to_cart', 'purchase', 'search'][1 + cityHash64(number, 'e') % 5],
    '","timestamp":"2026-01-', leftPad(toString(1 + cityHash64(number, 'day') % 28), 2, '0'),
    'T10:', leftPad(toString(cityHash64(number, 'm') % 60), 2, '0'), ':11.',
    leftPad(toString(cityHash64(number, 'ms') % 1000), 3, '0'),
    'Z","device_id":"', lower(hex(cityHash64(cityHash64(number, 'd') % {people}))),
    '","properties":{"page":"/p/', toString(cityHash64(number, 'p') % 400),
    '","value":', toString((cityHash64(number, 'v') % 10000) / 100),
    ',"tier":"', ['free', 'pro', 'team'][1 + cityHash64(number, 't') % 3],
    '","results":', toString(cityHash64(number, 'r') % 90),
    ',"test":', if(number % 2 = 0, 'true', 'false')
"""

_MORE = """
    , ',"item_id":"i', toString(cityHash64(number, 'i') % 400), '","currency":"EUR","order_id":"o-',
    hex(cityHash64(number, 'o')), '","utm_source":"', ['google', 'newsletter', 'facebook'][1 + number % 3],
    '","utm_medium":"cpc","utm_campaign":"always_on","user_agent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) ',
    'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/', toString(100 + cityHash64(number, 'd') % 40),
    '.0 Safari/537.36","url":"https://shop.example/p/', toString(cityHash64(number, 'p') % 400),
    '?utm_source=google&gclid=', hex(cityHash64(number, 'g')), '","referrer":"https://www.google.com/","title":"',
    'A page about the thing of number ', toString(cityHash64(number, 'p') % 400), ' and about all that comes with it',
    '","screen":{{"width":1920,"height":1080}},"language":"en","quantity":', toString(cityHash64(number, 'q') % 5),
    ',"coupon":null,"score":', toString(cityHash64(number, 's') % 1000 / 7), ',"tags":["a","b"],"category":"',
    ['shoes', 'bags', 'hats'][1 + number % 3], '","visit":{{"number":', toString(number % 7), ',"reference":"x',
    toString(number % 1000), '","since":"2025-11-', leftPad(toString(1 + number % 28), 2, '0'), '"}}'
"""

# Properties of the plan with 600 columns, of which an event has some.
_SPARSE = """
    , arrayStringConcat(arrayMap(
        i -> concat(',"planned_', toString(i), '":"', toString(number % 50), '"'),
        arrayMap(i -> (number + i * 53) % 588, range(10))
    ))
"""


def made_rows(first: int, count: int, *, big: bool, sparse: bool) -> str:
    """A query of rows for `raw.events`."""
    parts = _ENVELOPE.replace("{people}", "200000") + (_MORE.replace("{{", "{").replace("}}", "}") if big else "")
    return f"""
        select 'events', 1, number % 4, number, concat({parts}{_SPARSE if sparse else ""}, '}}}}'),
            '2026-02-01'::DateTime64(3, 'UTC')
        from numbers({first}, {count})
    """


# Twelve planned columns, whichever plan the project has.
PLAN = [
    {"property": name, "column": name, "type": type_}
    for name, type_ in {
        "page": "String", "item_id": "String", "value": "Nullable(Float64)", "currency": "LowCardinality(String)",
        "order_id": "String", "utm_source": "LowCardinality(String)", "utm_medium": "LowCardinality(String)",
        "utm_campaign": "LowCardinality(String)", "user_agent": "String", "url": "String", "referrer": "String",
        "quantity": "Nullable(Int64)",
    }.items()
]  # fmt: skip
LARGE_PLAN = PLAN + [
    {
        "property": f"planned_{number}", "column": f"planned_{number}",
        "type": "LowCardinality(String)" if number % 2 == 0 else "Nullable(Float64)",
    }
    for number in range(588)
]  # fmt: skip
