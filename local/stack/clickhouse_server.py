"""The child process of ClickHouse: the engine of the `chdb-core` wheel, opened to HTTP clients.

Run as `python -m local.stack.clickhouse_server <folder>`, with `<folder>/config.xml` there and data in `<folder>/data`.
"""

import os
import signal
import sys


def main() -> None:
    folder = sys.argv[1]
    # Importing connects once and would read ./config.xml, so the import comes before the change of folder.
    from chdb import _chdb

    os.chdir(folder)
    # The engine's own handler waits for the endless query below; parts are on disk already, so the default will do.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _chdb.query(  # type: ignore[attr-defined]
        "SYSTEM START LISTEN HTTP;SELECT sleep(1e9) SETTINGS function_sleep_max_microseconds_per_block = 0 FORMAT Null",
        # The default output format of the whole server: clients expect this one.
        "TabSeparated",
        path=os.path.join(folder, "data"),  # noqa: PTH118
    )


if __name__ == "__main__":
    main()
