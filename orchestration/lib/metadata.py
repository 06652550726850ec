"""What a run did, as numbers that Dagster draws as trends."""

from dataclasses import fields
from typing import Any


def metadata_of(summary: Any) -> dict[str, Any]:
    """The fields of a summary dataclass. Those that Dagster cannot draw stand there as text."""
    values = {field.name: getattr(summary, field.name) for field in fields(summary)}
    return {name: value if isinstance(value, (int, float, str)) else str(value) for name, value in values.items()}
