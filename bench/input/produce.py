"""Records per second of `throughline produce`, beside a bare loop of kafka-python's `send` over the same lines.

    throughline up && python bench/input/produce.py [people]

The peer reads nothing, keeps no order per device, and does not look whether a record arrived. Both run twice, in turn,
and the better run counts. Topics `bench.*` are left behind.
"""

import sys
import tempfile
import time
from pathlib import Path

from kafka import KafkaProducer

from loaders.kafka_config import connection
from loaders.settings import Settings, load_settings
from local.produce.run import OnError, produce
from local.produce.sources import find_sources
from local.simulator.config import SimulatorConfig
from local.simulator.run import simulate


def bare_loop(settings: Settings, lines: list[bytes]) -> float:
    """Records per second of the peer."""
    producer = KafkaProducer(
        acks="all",
        compression_type="lz4",
        batch_size=262_144,
        linger_ms=20,
        max_request_size=8 << 20,
        metrics_enabled=False,
        **connection(settings),
    )
    began = time.monotonic()
    for line in lines:
        producer.send("bench.events", value=line)
    producer.flush()
    seconds = time.monotonic() - began
    producer.close()
    return len(lines) / seconds


def main() -> None:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    topics = {f"throughline_topics_{stream}": f"bench.{stream}" for stream in ("events", "identities", "people")}
    settings = load_settings().model_copy(update=topics)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        simulate(SimulatorConfig(people=people), folder)
        lines = (folder / "events.ndjson").read_bytes().split(b"\n")[:-1]
        ours = peer = 0.0
        for _ in range(2):
            ours = max(ours, produce(find_sources([folder]), settings, on_error=OnError.KEEP).records_per_second)
            peer = max(peer, bare_loop(settings, lines))
    print(f"throughline produce  {ours:>10,.0f} records/s")
    print(f"bare send loop       {peer:>10,.0f} records/s")
    print(f"ratio                {ours / peer:>10.2f}")


if __name__ == "__main__":
    main()
