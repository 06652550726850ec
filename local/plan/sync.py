"""Write what is made of the plan, or say what is out of date."""

import re
from pathlib import Path

import yaml

from local.plan import generated
from local.plan.errors import PlanError
from local.plan.plan import Plan

PLAN = Path("seeds/tracking_plan.csv")
MACRO = Path("macros/staging/tracking_plan.sql")
FACTS = "fct_events"
_RESERVED = frozenset({
    # What the models' own SQL calls its rows and columns beside those of the contract.
    "payload", "envelope", "properties", "run", "closed", "actor", "client_timestamp_ms", "sent_ms", "received_ms",
    "place", "change", "session_owner", "has_session", "alike", "each", "losers", "read_state",
    # What SQL takes for no column, or YAML for no name.
    "all", "distinct", "top", "not", "true", "false", "null", "nan", "inf", "infinity", "yes", "no", "on", "off",
})  # fmt: skip
_REGION = re.compile(
    rf"(?m)^(?P<indent> *){re.escape(generated.BEGIN)}[^\n]*\n(?P<made>.*?)^ *{re.escape(generated.END)}\n", re.DOTALL
)


def sync(project: Path) -> list[Path]:
    """Bring everything that is made of the plan up to date; the files that changed."""
    stale = out_of_date(project)
    for path, text in stale.items():
        (project / path).write_text(text, encoding="utf-8")
    return list(stale)


def out_of_date(project: Path) -> dict[Path, str]:
    """The files that do not say what the plan says, with what they should say. Raises a PlanError."""
    models = {
        path.relative_to(project): path.read_text(encoding="utf-8")
        for path in sorted((project / "models").rglob("*.yml"))
    }
    marked = {path: text for path, text in models.items() if _REGION.search(text)}
    if not marked:
        raise PlanError(f"no file under models/ has the line {generated.BEGIN!r}, so planned columns have no place")
    plan = Plan.read(project / PLAN, reserved=_RESERVED.union(*(_own_columns(text) for text in marked.values())))
    wanted = {path: _filled(text, plan) for path, text in marked.items()}
    wanted[MACRO] = generated.macro(plan)
    return {path: text for path, text in wanted.items() if _present(project / path) != text}


def _filled(text: str, plan: Plan) -> str:
    def fill(found: re.Match[str]) -> str:
        first, last = found[0].splitlines(keepends=True)[0], found[0].splitlines(keepends=True)[-1]
        if generated.CONVERSIONS in first:
            return first + generated.conversions(plan, indent=found["indent"]) + last
        # Tests stand where the events are read; a column upstream holds the same values.
        tested = f"tested in {FACTS}" not in first
        return first + generated.columns(plan, indent=found["indent"], tested=tested) + last

    return _REGION.sub(fill, text)


def _own_columns(text: str) -> set[str]:
    """The columns of models that have planned ones, without the planned ones."""
    columns: set[str] = set()
    for model in yaml.safe_load(_REGION.sub(_placeholder, text))["models"]:
        names = {column["name"] for column in model.get("columns", [])}
        if "planned columns" in names:
            columns |= names
    return columns


def _placeholder(found: re.Match[str]) -> str:
    what = generated.CONVERSIONS if generated.CONVERSIONS in found[0].splitlines()[0] else "planned columns"
    return f"{found['indent']}- name: {what}\n"


def _present(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
