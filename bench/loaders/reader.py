"""One loader process of the benchmark: loads, and prints as JSON what it used. The environment has its settings.

python bench/loaders/reader.py catch-up    lands what stands in the topics
python bench/loaders/reader.py follow      until its standard input is closed
"""

import json
import resource
import sys
import time
from pathlib import Path
from threading import Event, Thread

from loaders.clients import open_source  # noqa: F401 (read before the clock starts, as a loader at work has)
from loaders.follow import follow
from loaders.run import load_until_caught_up
from loaders.settings import load_settings


def main() -> None:
    settings = load_settings()
    if settings.throughline_kafka_client == "confluent-kafka":
        import loaders.confluent  # noqa: F401
    stop = Event()
    before, begun = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    if sys.argv[1] == "follow":
        Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
        summary = follow(settings, stop=stop, say=lambda line: print(line, file=sys.stderr))
    else:
        summary = load_until_caught_up(settings)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "landed": summary.consumed,
                "seconds": time.monotonic() - begun,
                "cpu": used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime,
                "peak_bytes": peak_bytes(),
            }
        )
    )


def peak_bytes() -> int:
    """The most resident memory of this process. (That of rusage begins with what its parent had.)"""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
