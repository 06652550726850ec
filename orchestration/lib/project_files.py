"""The files that a parse of the dbt project depends on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

_FOLDERS: Final = ("models", "macros", "seeds", "tests/dbt", "snapshots", "analyses")
_FILES: Final = ("dbt_project.yml", "profiles.yml", "packages.yml", "selectors.yml")


def project_files(folder: Path) -> Iterator[Path]:
    """Files, and the folders that hold them: removing a model changes only its folder's time."""
    for name in _FILES:
        if (folder / name).exists():
            yield folder / name
    for name in _FOLDERS:
        yield from (path for path in (folder / name).rglob("*") if "__pycache__" not in path.parts)
