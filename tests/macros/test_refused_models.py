"""A model without row versions that needs them is refused by name, with what to say in its place."""

from typing import Any

import pytest

from tests.macros.harness import Macros, RaisedByMacroError

MACROS = Macros()


def model(name: str, materialized: str, *reads: str, **config: Any) -> dict[str, Any]:
    return {
        "resource_type": "model",
        "alias": name,
        "config": {"materialized": materialized, **config},
        "depends_on": {"nodes": list(reads)},
    }


PROJECT = {
    "rules": {"resource_type": "seed", "alias": "rules", "config": {"materialized": "seed"}},
    "sessions": model("sessions", "versioned", "raw", restated={"measures": ["count"]}),
    "events": model("events", "view", "rules", "sessions"),
    "named_rules": model("named_rules", "table", "rules"),
}


def refuse(mart: dict[str, Any]) -> None:
    MACROS.call("refuse_models_without_versions", {**PROJECT, "mart": mart})


@pytest.mark.parametrize(
    ("mart", "why"),
    [
        pytest.param(model("mart", "table", "sessions"), "reads `sessions`", id="a table of versions"),
        pytest.param(model("mart", "incremental", "events"), "reads `sessions`", id="through a view"),
        pytest.param(model("mart", "view", "sessions", restated={}), None, id="a view that restates nothing"),
        pytest.param(
            model("mart", "view", "sessions", restated={"key": {}}), "has `restated`", id="a view that restates"
        ),
        pytest.param(
            model("mart", "table", "rules", restated={"key": {}}), "has `restated`", id="a table that restates"
        ),
        pytest.param(model("mart", "versioned", "sessions", restated={"key": {}}), None, id="a versioned one"),
        pytest.param(model("mart", "table", "named_rules"), None, id="a table of what has no versions"),
    ],
)
def test_a_model_is_refused_that_would_show_the_run_before_or_cannot_tell_what_it_restates(
    mart: dict[str, Any], why: str | None
) -> None:
    if why is None:
        refuse(mart)
        return
    with pytest.raises(RaisedByMacroError, match=f"mart is materialized as `.*`, but {why}.*materialized='versioned'"):
        refuse(mart)
