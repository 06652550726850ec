"""The rules by name. Apart from the suites, so that Dagster need not import Great Expectations to show them."""

from typing import Final

RULES: Final = {
    "schema": "The table has the columns and types that staging reads.",
    "volume": "Something landed in the window.",
    "values": "Each column holds what the contract of `raw` allows.",
    "coordinates": "No Kafka record stands there twice in the lane `live`.",
}
