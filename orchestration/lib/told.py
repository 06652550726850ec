"""What a run tells of a model beside what dbt says of it."""

from collections.abc import Callable, Mapping
from typing import Any

import dagster as dg


def with_metadata(event: Any, told: Callable[[str], Mapping[str, Any]]) -> Any:
    """What reports a model, with what is told of its node. Other events as they are."""
    if not isinstance(event, dg.Output | dg.AssetMaterialization) or "unique_id" not in event.metadata:
        return event
    metadata = {**event.metadata, **told(str(event.metadata["unique_id"].value))}
    if isinstance(event, dg.AssetMaterialization):
        return event.with_metadata(metadata)
    return dg.Output(value=event.value, output_name=event.output_name, metadata=metadata)
