"""The child process of ClickHouse: the engine of the `chdb-core` wheel, opened to HTTP clients.

Run as `python -m local.stack.clickhouse_server <folder>`, with `<folder>/config.xml` there and data in `<folder>/data`.
It ends when its one endless query is killed, which is a clean stop, or by a signal, which is as a crash.
"""

import os
import sys

# `down` finds the query by this, and ends it.
LIFETIME = "SELECT sleep(1e9) SETTINGS function_sleep_max_microseconds_per_block = 0 FORMAT Null"


def main() -> None:
    folder = sys.argv[1]
    # Importing connects once and would read ./config.xml, so the import comes before the change of folder.
    from chdb import _chdb

    os.chdir(folder)
    _chdb.query(  # type: ignore[attr-defined]
        f"SYSTEM START LISTEN HTTP; {LIFETIME}",
        # The default output format of the whole server: clients expect this one.
        "TabSeparated",
        path=os.path.join(folder, "data"),  # noqa: PTH118 (no pathlib: this process stays small)
    )


if __name__ == "__main__":
    main()
