"""What a deployment does between two batches besides a build of everything, by a seed's chance.

Schedules build a part of the models, and so does whoever names some; `maintain` removes what nobody reads any more. The
models that were left out go on from where they were.
"""

import random
from collections.abc import Sequence

from orchestration.lib.versioned_models import versioned_models
from tests.invariants.warehouse import Warehouse
from tests.support import upkeep

SCHEDULES = ("minute", "hourly")
# Who looks persons up is not built while the look-up is behind.
TOGETHER = {"person_ids", "person_lookup"}
# Who tells what persons made of messages is not built while they have not heard of all.
HEARING = {"int_device_owners", "int_identity_edges", "int_identity_components", "person_ids"}


def chosen(chance: random.Random, warehouse: Warehouse) -> Sequence[str]:
    """dbt's arguments for what is built of a batch: all models, what a schedule builds, or some by their names."""
    kind = chance.choice(["all", "all", "schedule", "some"])
    if kind == "schedule":
        return ["--selector", chance.choice(SCHEDULES)]
    if kind == "some":
        names = [model["name"] for model in warehouse.builder.models]
        some = set(chance.sample(names, chance.randrange(1, len(names))))
        some |= HEARING if "identity_changes" in some else set()
        return ["--select", *sorted(some | TOGETHER if some & TOGETHER else some)]
    return []


def maintain(chance: random.Random, warehouse: Warehouse) -> None:
    """After two runs of five: all that may go, however young and however little."""
    if chance.random() < 0.4:
        models = versioned_models(warehouse.builder.manifest, warehouse.settings)
        upkeep.maintain(warehouse.client, warehouse.settings.marts_database, models)
