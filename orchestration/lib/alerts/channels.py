"""The ways in which people are told."""

import logging
from collections.abc import Callable, Mapping

import apprise

from loaders.errors import ThroughlineError
from orchestration.lib.alerts.incidents import Changes, body, subject
from orchestration.lib.alerts.settings import AlertSettings

Channel = Callable[[Changes], bool]
logger = logging.getLogger("throughline.alerts")


class AlertsMisconfiguredError(ThroughlineError):
    """A URL of THROUGHLINE_ALERTS names no way to tell anybody."""


def channels(settings: AlertSettings) -> Mapping[str, Channel]:
    """By name: the log, and each URL by its scheme and host. The whole URL may hold a password and is shown nowhere.

    A channel returns whether the news went out; what did not is told again at the next tick.
    """
    pages = settings.throughline_alerts_pages
    found: dict[str, Channel] = {"log": _log}
    for place, secret in enumerate(settings.throughline_alerts.get_secret_value().split(), start=1):
        target = apprise.Apprise.instantiate(secret)
        if target is None:
            raise AlertsMisconfiguredError(
                f"THROUGHLINE_ALERTS: its URL no. {place} ({secret.split(':')[0]}:…) is not one that Apprise knows"
            )
        found[f"{place} {secret.split(':')[0]}"] = _to(target, pages)
    return found


def _log(news: Changes) -> bool:
    for key, text in news.began.items():
        logger.error("began: %s: %s", key, text)
    for key in news.ended:
        logger.warning("over: %s", key)
    return True


def _to(target: apprise.NotifyBase, pages: str) -> Channel:
    def tell(news: Changes) -> bool:
        kind = apprise.NotifyType.FAILURE if news.began else apprise.NotifyType.SUCCESS
        told = apprise.Apprise()
        told.add(target)
        return bool(told.notify(title=subject(news), body=body(news, pages=pages), notify_type=kind))

    return tell
