"""The files under `truth/`: columns for the events (many), JSON for all else (few)."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import orjson

from loaders.errors import ThroughlineError
from local.simulator.text import uuid_texts
from local.simulator.truth import TopicCounts, TrueEvent, TrueHuman, TrueIdentity, TruePeopleMessage, Truth

EVENTS_FILE = "events.npz"
REST_FILE = "rest.json"

Columns = Mapping[str, np.ndarray[Any, Any]]


class TruthNotFoundError(ThroughlineError):
    """The folder holds no readable truth."""


def write_truth(
    folder: Path,
    *,
    events: Columns,
    identities: Sequence[TrueIdentity],
    people: Sequence[TruePeopleMessage],
    humans: Sequence[TrueHuman],
    counts: Mapping[str, TopicCounts],
) -> None:
    """Write the truth of one input. `events` has the columns that `_events` reads; codes index its `*_names`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / EVENTS_FILE).open("wb") as file:
        np.savez(file, **events)  # type: ignore[arg-type]
    rest = {"identities": identities, "people": people, "humans": humans, "counts": counts}
    (folder / REST_FILE).write_bytes(orjson.dumps(rest, option=orjson.OPT_SORT_KEYS))


def load_truth(folder: Path) -> Truth:
    """Read what `write_truth` wrote, from `folder` or its `truth/`."""
    with _truth_of(folder) as home:
        with np.load(home / EVENTS_FILE) as stored:
            columns = {name: stored[name] for name in stored.files}
        rest = orjson.loads((home / REST_FILE).read_bytes())
    return Truth(
        events=_events(columns),
        identities=[TrueIdentity(**row) for row in rest["identities"]],
        people=[TruePeopleMessage(**row) for row in rest["people"]],
        humans=[
            TrueHuman(row["human_id"], tuple(row["user_ids"]), tuple(row["device_ids"]), row["is_bot"])
            for row in rest["humans"]
        ],
        counts=_counts(rest),
    )


def load_counts(folder: Path) -> dict[str, TopicCounts]:
    """Only the counts, without reading an event."""
    with _truth_of(folder) as home:
        return _counts(orjson.loads((home / REST_FILE).read_bytes()))


def _counts(rest: Mapping[str, Any]) -> dict[str, TopicCounts]:
    return {topic: TopicCounts(**row) for topic, row in rest["counts"].items()}


@contextmanager
def _truth_of(folder: Path) -> Iterator[Path]:
    home = folder / "truth" if (folder / "truth").is_dir() else folder
    try:
        yield home
    except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
        raise TruthNotFoundError(
            f"{home} holds no truth of a simulation, or a damaged one: write it with `throughline simulate`"
        ) from error


def _events(columns: Columns) -> list[TrueEvent]:
    count = len(columns["event"])
    # A code of -1 picks the last name, which is ''.
    names, devices, users, humans = (
        [*columns[f"{kind}_names"].tolist(), ""] for kind in ("event", "device", "user", "human")
    )
    # Half a million small objects that all stay: looking for garbage among them takes longer than making them.
    collects = gc.isenabled()
    gc.disable()
    try:
        return list(
            map(
                TrueEvent,
                columns["project_id"].tolist() * count,
                uuid_texts(columns["event_id"].tobytes()),
                [names[code] for code in columns["event"].tolist()],
                columns["occurred_at_ms"].tolist(),
                columns["client_timestamp_ms"].tolist(),
                [devices[code] for code in columns["device"].tolist()],
                [users[code] for code in columns["user"].tolist()],
                [humans[code] for code in columns["human"].tolist()],
                map(str, columns["visit"].tolist()),
                _properties(columns),
                columns["is_bot"].tolist(),
            )
        )
    finally:
        if collects:
            gc.enable()


def _properties(columns: Columns) -> list[dict[str, Any]]:
    campaigns = columns["campaign_names"].tolist()
    rows: list[dict[str, Any]] = []
    for item, cents, campaign in zip(
        columns["item"].tolist(), columns["value_cents"].tolist(), columns["campaign"].tolist(), strict=True
    ):
        row: dict[str, Any] = {}
        if item >= 0:
            row["item_id"] = f"sku-{item:04d}"
        if cents >= 0:
            row["value"] = cents / 100
        if campaign >= 0:
            row["utm_campaign"] = campaigns[campaign]
        rows.append(row)
    return rows
