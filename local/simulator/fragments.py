"""Pieces of JSON that many events share, built once per simulation."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from local.simulator.catalogue import (
    BOT_AGENTS,
    CAMPAIGNS,
    CATEGORIES,
    CRAWLER,
    EVENTS,
    GUARDED_IDS,
    SYSTEMS,
    USER_AGENTS,
    item_prices_cents,
)
from local.simulator.config import SimulatorConfig
from local.simulator.world import World

Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Fragments:
    """Pieces of JSON that events share. Each piece that stands between others begins with its comma."""

    device: Texts  # by device; then by guarded id; then one for none
    user: Texts  # by account, and the same
    agent: Texts  # by device
    context: Texts  # by device
    item: Texts
    campaign: Texts  # by campaign, then one for none
    name: Texts
    project: Texts


def make_fragments(config: SimulatorConfig, world: World) -> Fragments:
    """Build the pieces once per simulation."""
    guards = list(GUARDED_IDS)
    owners = np.zeros(len(world.device_ids), dtype=np.int64)
    own = np.repeat(np.arange(world.beings), world.device_count)
    owners[: len(own)] = own
    is_crawler = (world.kind[owners] == CRAWLER).tolist()
    agents = [
        BOT_AGENTS[device % len(BOT_AGENTS)] if crawls else USER_AGENTS[device % len(USER_AGENTS)]
        for device, crawls in enumerate(is_crawler)
    ]
    contexts = [
        f',"context":{{"os":{SYSTEMS[device % len(SYSTEMS)]},"screen":[{390 + device % 5 * 310},844]}}'
        for device in range(len(agents))
    ]
    project = f',"project_id":"{config.project_id}"'
    return Fragments(
        device=_array([f',"device_id":"{text}"' for text in [*world.device_ids, *guards]] + [""]),
        user=_array([f',"user_id":"{text}"' for text in [*world.user_ids, *guards]] + [',"user_id":null']),
        agent=_array([f'"user_agent":"{agent}"' for agent in agents]),
        context=_array(contexts),
        item=_array(_items()),
        campaign=_array(
            [
                f',"utm_source":"{each.source}","utm_medium":"{each.medium}","utm_campaign":"{each.name}"'
                for each in CAMPAIGNS
            ]
            + [""]
        ),
        name=_array(list(EVENTS)),
        # Only the default project may go without saying.
        project=_array([project, "" if config.project_id == "default" else project]),
    )


def _items() -> list[str]:
    return [
        f',"item_id":"sku-{item:04d}","category":"{CATEGORIES[item % len(CATEGORIES)]}","price":{cents / 100:.2f}'
        for item, cents in enumerate(item_prices_cents().tolist())
    ]


def _array(texts: list[str]) -> Texts:
    array = np.empty(len(texts), dtype=object)
    array[:] = texts
    return array
