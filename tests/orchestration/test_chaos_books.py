"""The books that judge a trial of kills."""

import json
from pathlib import Path
from typing import Any

from tests.orchestration.chaos import books


def node(name: str, *, kind: str = "model", schema: str = "staging", materialized: str = "table") -> dict[str, Any]:
    return {"name": name, "resource_type": kind, "schema": schema, "config": {"materialized": materialized}}


def test_relations_are_compared_and_what_else_has_a_result_is_not(tmp_path: Path) -> None:
    nodes = {
        "model.t.daily": node("daily", schema="marts_x"),
        "model.t.log": node("log", materialized="ledger"),
        "model.t.fct": node("fct"),
        "seed.t.plan": node("plan", kind="seed", materialized="seed"),
        "test.t.unique": node("unique", kind="test"),
    }
    results = [*nodes, "exposure.t.dashboard"]
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": nodes}))
    (tmp_path / "run_results.json").write_text(json.dumps({"results": [{"unique_id": name} for name in results]}))
    assert books.models(tmp_path) == [("marts", "daily"), ("staging", "fct"), ("staging", "plan")]
