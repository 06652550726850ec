"""How many random people macros are compared on: a bounded share in every test run, all of it in `make exactness`."""

import os

# What a run adds to the seeds of its worlds: other people, by the same rules.
SEED = int(os.environ.get("EXACTNESS_SEED", "0"))


def people(usual: int) -> int:
    """So many people, or as many as the environment asks for."""
    return int(os.environ.get("EXACTNESS_PEOPLE", usual))
