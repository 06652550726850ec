"""The rules as a seed for dbt. It is made of the installed package and never committed."""

import csv
import io
import json
import os
from importlib.metadata import version
from pathlib import Path

from loaders.errors import ThroughlineError
from loaders.settings import PROJECT_DIR
from local.user_agents.rules import rules

SEED = Path("seeds/made/user_agent_rules.csv")
PACKAGE = "ua-parser-builtins"


def ensure_seed(project: Path = PROJECT_DIR) -> Path:
    """Make the seed unless it is there and of the installed package's version. Any process may do so at any time."""
    path = project / SEED
    release = _release()
    if not path.exists() or f"\n{release}," not in path.read_text(encoding="utf-8")[:200]:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.draft")
        draft.write_text(_text(release), encoding="utf-8")
        draft.replace(path)
    return path


def _text(release: str) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("release", "kind", "number", "pattern", "members"))
    for rule in rules():
        rows.writerow((release, rule.kind, rule.number, rule.pattern, json.dumps(rule.values)))
    return text.getvalue()


def _release() -> str:
    try:
        return version(PACKAGE)
    except ImportError as error:
        raise ThroughlineError(f"the package {PACKAGE} is not installed: run make setup") from error


if __name__ == "__main__":
    ensure_seed()
