"""Charts as SVG files: the same figures give the same file."""

from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "throughline"


def panels(count: int, width: float, height: float, **options: Any) -> tuple[Figure, Any]:
    """A figure of so many inches, and an array of its panels, side by side."""
    from matplotlib import pyplot

    return pyplot.subplots(1, count, figsize=(width, height), **options)


def save(figure: Figure, file: Path) -> None:
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})
