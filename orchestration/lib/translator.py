"""How a dbt resource looks in Dagster: its folder is its group, its meta names the owner."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any, Final

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject

DEFAULT_OWNER: Final = "team:analytics"


class ThroughlineTranslator(DagsterDbtTranslator):
    """Keys stay dagster-dbt's own: `staging/stg_raw__events`, `marts/fct_events`, `raw/events` for a source."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return group_of(dbt_resource_props["original_file_path"])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str]:
        return owners_of(dbt_resource_props)

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = self.get_resource_props(manifest, unique_id)
        if node["resource_type"] != "model":
            return spec
        return spec.replace_attributes(freshness_policy=freshness_of(node["tags"]))

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The description alone. The default adds the whole SQL, which the UI would load with every page."""
        return str(dbt_resource_props.get("description") or f"dbt {dbt_resource_props['resource_type']}")


def freshness_of(tags: Collection[str]) -> dg.FreshnessPolicy:
    """How old a model may get before somebody is told: some builds of its selector may fail, not all."""
    # As selectors.yml has it: a nightly model of a folder of the minute waits for the night.
    if "nightly" in tags:
        return dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=30), warn_window=timedelta(hours=26))
    if "minute" in tags:
        return dg.FreshnessPolicy.time_window(fail_window=timedelta(minutes=15), warn_window=timedelta(minutes=5))
    return dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=4), warn_window=timedelta(hours=2))


def group_of(path: str) -> str:
    """`models/marts/funnels/x.sql` is of group `funnels`, `models/staging/raw/x.sql` of `staging`."""
    folders = PurePosixPath(path).parts[:-1]
    if folders[:2] == ("models", "marts") and len(folders) > 2:
        return folders[2]
    return folders[1] if len(folders) > 1 else folders[0]


def owners_of(properties: Mapping[str, Any]) -> list[str]:
    """`meta.owner` of the model: an e-mail address, or a team's name with or without `team:`."""
    meta = {**properties.get("meta", {}), **properties.get("config", {}).get("meta", {})}
    owner = str(meta.get("owner") or DEFAULT_OWNER)
    return [owner if "@" in owner or owner.startswith("team:") else f"team:{owner}"]
