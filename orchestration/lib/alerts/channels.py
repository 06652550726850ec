"""The ways in which people are told."""

import logging
from collections.abc import Callable, Mapping

import apprise

from orchestration.lib.alerts.incidents import Changes, Seen, body, subject
from orchestration.lib.alerts.settings import AlertSettings

Channel = Callable[[Changes], bool]
logger = logging.getLogger("throughline.alerts")


def channels(settings: AlertSettings) -> tuple[Mapping[str, Channel], Seen]:
    """By name: the log, and each URL by its place and scheme; and which URLs name no way to tell anybody.

    A whole URL may hold a password and is shown nowhere. A channel returns whether the news went out; what did not is
    told again at the next tick.
    """
    pages = settings.throughline_alerts_pages
    found: dict[str, Channel] = {"log": _log}
    wrong: dict[str, str] = {}
    for place, secret in enumerate(settings.throughline_alerts.get_secret_value().split(), start=1):
        # Apprise logs what it cannot use, and hides the secrets of URLs only.
        target = apprise.Apprise.instantiate(secret) if "://" in secret else None
        if target is None:
            wrong[f"URL no. {place} of THROUGHLINE_ALERTS is wrong"] = "Apprise knows no such way; nobody is told by it"
        else:
            found[f"{place} {secret.split(':')[0]}"] = _to(target, pages)
    return found, Seen(wrong)


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
