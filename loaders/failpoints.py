"""Places where a test kills this process, to show that nothing is lost or doubled there.

`THROUGHLINE_FAILPOINT=<name>[:<n>]` kills the process with SIGKILL the n-th time (1st if not given) that it comes by.
Before it does, it makes the file named by `THROUGHLINE_FAILPOINT_FILE`, so that the test knows that it fired.
"""

import os
import signal
from pathlib import Path
from typing import Literal, get_args

Failpoint = Literal[
    "after_poll",
    "before_insert",
    "before_answer",
    "after_insert",
    "before_ranges",
    "before_sideline",
    "in_sideline",
    "before_commit",
    "after_commit",
    "after_replay",
]

NAMES: tuple[str, ...] = get_args(Failpoint)

_name, _, _count = os.environ.get("THROUGHLINE_FAILPOINT", "").partition(":")
_left = int(_count or 1)


def failpoint(name: Failpoint) -> None:
    """Die here, if the environment says so."""
    global _left
    if name != _name:
        return
    _left -= 1
    if _left == 0:
        Path(os.environ["THROUGHLINE_FAILPOINT_FILE"]).write_text(name)
        os.kill(os.getpid(), signal.SIGKILL)
