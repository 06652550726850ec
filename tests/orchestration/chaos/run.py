"""Kills processes of a running deployment at random, and keeps what came of it: `make chaos`, or

    .venv/bin/python -m tests.orchestration.chaos.run [first seed] [number of seeds] [kills per seed]

Each result is a line of `.chaos/results.jsonl`; seeds that stand there are not run again, so it can be stopped at any
time. Exits 1 if a seed of the range violated something. `docs/reliability.md` has the table of what was run.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from time import strftime

from loaders.settings import PROJECT_DIR
from local.stack.signals import unwind_on_sigterm
from tests.orchestration.chaos.trial import Result, ground, run_trial

FOLDER = PROJECT_DIR / ".chaos"
RESULTS = Path(os.environ.get("THROUGHLINE_CHAOS_RESULTS", FOLDER / "results.jsonl"))
SEEDS, KILLS = 10, 20


def read_results(file: Path = RESULTS) -> dict[int, Result]:
    """The kept results by seed."""
    lines = file.read_text().splitlines() if file.exists() else []
    results = [Result(**json.loads(line)) for line in lines]
    return {result.seed: result for result in results}


def main(first: int = 0, count: int = SEEDS, kills: int = KILLS) -> int:
    """Run what was not run yet; the number of seeds in the range that violated something."""
    FOLDER.mkdir(exist_ok=True)
    seeds = range(first, first + count)
    while waiting := [seed for seed in seeds if seed not in read_results()]:
        folder = Path(tempfile.mkdtemp(prefix="throughline-chaos-", dir="/tmp"))
        with ground(folder) as here:
            for seed in waiting:
                result = run_trial(here, seed, kills, engine=_commit())
                with RESULTS.open("a") as file:
                    file.write(json.dumps(asdict(result)) + "\n")
                verdict = "; ".join(result.violations) or "held"
                print(f"{strftime('%H:%M:%S')} seed {seed}: {result.kills} {result.runs}: {verdict}", flush=True)
                if result.violations:
                    # What comes after would inherit it: keep the logs, begin on new ground.
                    kept = FOLDER / f"seed-{seed}"
                    kept.mkdir(exist_ok=True)
                    for log in here.deployment.folder.glob("*.log"):
                        shutil.copy(log, kept)
                    break
    wrong = [result for seed, result in read_results().items() if seed in seeds and result.violations]
    print(f"{len(seeds) - len(wrong)} of {len(seeds)} seeds held")
    return len(wrong)


def _commit() -> str:
    shown = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=PROJECT_DIR, capture_output=True, text=True)
    return shown.stdout.strip()


if __name__ == "__main__":
    unwind_on_sigterm()
    sys.exit(1 if main(*map(int, sys.argv[1:4])) else 0)
