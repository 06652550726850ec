"""Statements of one run share the engine's memory."""

from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from loaders.settings import Settings
from tests.support.dbt import run_dbt, small_project

RATIOS = ("max_bytes_ratio_before_external_group_by", "max_bytes_ratio_before_external_sort")


@pytest.mark.parametrize("target_name", ["dev", "prod"])
def test_together_they_spill_before_the_memory_is_full(
    settings: Settings, clickhouse: Client, target_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_THREADS", "3")
    project = str(small_project(tmp_path))
    held = " + ".join(f"toFloat64(getSetting('{ratio}'))" for ratio in RATIOS)
    shown = run_dbt(
        settings, "--quiet", "show", "--target", target_name, "--output", "json",
        "--project-dir", project, "--profiles-dir", project,
        "--inline", f"select round(3 * ({held}) / 2, 2) as held", target=tmp_path,
    ).stdout  # fmt: skip
    assert '"held": 0.7' in shown
