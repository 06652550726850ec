"""The shop itself: its words, goods, pages, campaigns, and how visitors move through it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

STEPS = (
    "page_view",
    "view_item_list",
    "search",
    "view_item",
    "add_to_wishlist",
    "add_to_cart",
    "remove_from_cart",
    "begin_checkout",
    "purchase",
)
UNKNOWN_EVENTS = ("legacy_click", "Button Pressed", "experiment.exposed", "скролл")
EVENTS = (*STEPS, "sign_up", "login", *UNKNOWN_EVENTS)
CODE = {name: code for code, name in enumerate(EVENTS)}

# Where a visitor goes next, one row per step: the columns are STEPS, then leaving.
_BROWSER = (
    (12, 22, 10, 28, 0, 0, 0, 1, 0, 27),
    (6, 14, 6, 46, 0, 0, 0, 0, 0, 28),
    (2, 8, 20, 48, 0, 0, 0, 0, 0, 22),
    (5, 12, 8, 36, 3, 9, 0, 0, 0, 27),
    (6, 14, 8, 40, 0, 6, 0, 0, 0, 26),
    (5, 8, 4, 26, 0, 6, 5, 22, 0, 24),
    (8, 14, 8, 34, 0, 0, 4, 2, 0, 30),
    (4, 2, 1, 8, 0, 2, 2, 4, 42, 35),
    (24, 4, 2, 10, 0, 0, 0, 0, 0, 60),
)
_BUYER = (
    (6, 20, 12, 42, 0, 0, 0, 4, 0, 16),
    (3, 12, 8, 60, 0, 0, 0, 0, 0, 17),
    (1, 6, 16, 64, 0, 0, 0, 0, 0, 13),
    (3, 8, 6, 28, 4, 33, 0, 0, 0, 18),
    (3, 8, 6, 40, 0, 28, 0, 0, 0, 15),
    (2, 5, 3, 20, 0, 10, 4, 44, 0, 12),
    (6, 12, 8, 40, 0, 4, 4, 8, 0, 18),
    (2, 1, 1, 4, 0, 2, 1, 4, 68, 17),
    (26, 4, 2, 12, 0, 0, 0, 0, 0, 56),
)
_CRAWLER = ((20, 30, 0, 45, 0, 0, 0, 0, 0, 5),) * len(STEPS)
_FIRST = (58, 12, 8, 22, 0, 0, 0, 0, 0)

BROWSER, BUYER, CRAWLER = range(3)


def next_step_odds() -> npt.NDArray[np.float64]:
    """Cumulative odds of the next step: (kind of visitor, present step, next step or leaving)."""
    odds = np.array((_BROWSER, _BUYER, _CRAWLER), dtype=np.float64)
    return np.cumsum(odds / odds.sum(axis=2, keepdims=True), axis=2)


def first_step_odds() -> npt.NDArray[np.float64]:
    """Cumulative odds of a visit's first step."""
    return np.cumsum(np.array(_FIRST) / sum(_FIRST))


def mean_steps(kind: int) -> float:
    """The expected number of steps of a visit: the fundamental matrix of the chain, from the first step on."""
    moves = np.array((_BROWSER, _BUYER, _CRAWLER)[kind], dtype=np.float64)
    staying = (moves / moves.sum(axis=1, keepdims=True))[:, :-1]
    first = np.array(_FIRST) / sum(_FIRST)
    return float((first @ np.linalg.inv(np.eye(len(STEPS)) - staying)).sum())


# Visits per hour of the day (UTC) and per weekday from Monday on.
HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 11, 11, 12, 11, 10, 10, 11, 12, 14, 17, 19, 17, 11, 5)
WEEKDAYS = (0.80, 0.78, 0.80, 0.84, 0.86, 1.0, 0.97)

GUARDED_IDS = ("null", "undefined", "guest", "00000000-0000-0000-0000-000000000000")

ITEMS = 400
CATEGORIES = ("shoes", "jackets", "bags", "hats", "tents", "lamps", "cafetières", "maps")


def item_prices_cents() -> npt.NDArray[np.int64]:
    """One price per item, fixed: the shop's goods are the same in every simulation."""
    index = np.arange(ITEMS, dtype=np.int64)
    return 499 + (index * 7919 % 180) * 100


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign that runs for a part of the simulated time, given as shares of it."""

    name: str
    source: str
    medium: str
    begins: float
    ends: float


CAMPAIGNS = (
    Campaign("always_on", "google", "cpc", 0.0, 1.0),
    Campaign("newsletter", "newsletter", "email", 0.0, 1.0),
    Campaign("season_opening", "instagram", "social", 0.1, 0.4),
    Campaign("50% off & more", "facebook", "social", 0.55, 0.75),
)

SEARCHES = ("rain jacket", "café", 'lamp \\"LED\\"', "tent 2p", "shoes 42½", "\\u5e3d\\u5b50", "hat 🎩", "o'neil; --")

USER_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Mobile/15E148",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0 Mobile",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:142.0) Gecko/20100101 Firefox/142.0",
)
SYSTEMS = (
    '{"name":"Windows","version":10}',
    '{"name":"iOS","version":"18.6"}',
    '{"name":"Android","version":15}',
    "null",
)
BOT_AGENTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
)
