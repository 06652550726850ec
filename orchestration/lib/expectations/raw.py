"""The rules of `rules.py`, applied to one table of records."""

from collections.abc import Collection
from pathlib import Path

from loaders.check import CLASSES
from loaders.settings import Settings
from orchestration.lib.expectations.finding import Finding
from orchestration.lib.expectations.suites import coordinates_suite, schema_suite, values_suite, volume_suite
from orchestration.lib.expectations.validation import Validator


def findings_by_rule(
    settings: Settings, tables: Collection[str], *, hours: int, pages: Path
) -> dict[tuple[str, str], tuple[list[Finding], Path]]:
    """What each rule found in each table, looking at the rows that landed in the last `hours`, and its page."""
    validator = Validator(settings, pages)
    found = {}
    for table in tables:
        schema = (
            "select concat(name, ' ', type) as declaration from system.columns "
            f"where database = '{settings.raw_database}' and table = '{table}'"
        )
        landed = f"select * from {settings.raw_database}.{table} where loaded_at > now64(3) - interval {hours} hour"
        suites = {
            "schema": (schema, schema_suite()),
            "volume": (landed, volume_suite()),
            "values": (landed, values_suite(CLASSES)),
            "coordinates": (f"{landed} and lane = 'live'", coordinates_suite()),
        }
        for rule, (query, suite) in suites.items():
            name = f"{table}_{rule}"
            found[table, rule] = validator.findings(name, query, suite), validator.page(name)
    return found
