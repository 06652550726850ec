"""Events per second of the simulator on one core, beside `json.dumps` of the same events.

    python bench/input/simulate.py [people]

The peer does the least that any simulator must: format finished events one by one and write them.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from local.simulator.config import SimulatorConfig
from local.simulator.run import simulate
from local.simulator.truth import read_truth


def main() -> None:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.process_time()
        counts = simulate(SimulatorConfig(people=people), folder).counts
        simulated = time.process_time() - began
        records = sum(each.records for each in counts.values())

        began = time.process_time()
        read_truth(folder)
        reading = time.process_time() - began

        bodies = []
        for line in (folder / "events.ndjson").read_bytes().split(b"\n"):
            try:
                bodies.append(json.loads(line))
            except ValueError:
                continue
        began = time.process_time()
        with (folder / "peer.ndjson").open("w") as file:
            file.writelines(json.dumps(body) + "\n" for body in bodies)
        formatted = time.process_time() - began
    rate, peer = records / simulated, len(bodies) / formatted
    print(f"simulate, truth included  {rate:>10,.0f} records/s  ({records:,} records, {simulated:.1f} CPU-seconds)")
    print(f"json.dumps alone          {peer:>10,.0f} records/s")
    print(f"ratio                     {rate / peer:>10.2f}")
    print(f"read_truth                {counts['events'].clean / reading:>10,.0f} events/s")


if __name__ == "__main__":
    main()
