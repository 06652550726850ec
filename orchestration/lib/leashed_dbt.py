"""dbt that ends with the run that started it: a run that is killed leaves nobody behind who writes.

The program `throughline-dbt`. On systems other than Linux it is plain dbt, and the next run ends what is left. With
`THROUGHLINE_DBT_WARM_SECONDS` it runs in a process that has parsed the project already (`warm_dbt.py`).
"""

import gc
import sys

from orchestration.lib.leash import collect_seldom, die_with_parent
from orchestration.lib.warm_dbt import WarmDbtError, leave_warm, run_warm, warm_place


def main() -> None:
    die_with_parent()
    arguments = sys.argv[1:]
    try:
        place = warm_place(arguments)
    except WarmDbtError as error:
        sys.exit(str(error))
    if place is None:
        run_cold()
    else:
        code = run_warm(place, arguments)
        if code is not None:
            sys.exit(code)
        try:
            run_cold()
        finally:
            leave_warm(place)


def run_cold() -> None:
    gc.disable()
    from dbt.cli.main import cli

    collect_seldom()
    cli()
