"""Looks each minute whether something went wrong or is well again, and tells it once."""

import json
from collections.abc import Mapping

import dagster as dg

from loaders.settings import local_dir
from orchestration.lib.alerts.incidents import Seen, changes
from orchestration.lib.alerts.settings import AlertSettings


@dg.sensor(minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.STOPPED)
def alerts(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Tell a log, and whom THROUGHLINE_ALERTS names, of each incident once when it begins and once when it is over.

    The cursor keeps what each of them knows. One that could not be reached is told at the next tick.
    """
    # Imported here: the code server need not load them to show the graph.
    from orchestration.lib.alerts.channels import channels
    from orchestration.lib.alerts.watch import look

    assert context.repository_def is not None
    ways, misconfigured = channels(AlertSettings(_env_file=local_dir() / "stack.env"))
    seen = look(context.instance, context.repository_def) | misconfigured
    known: dict[str, Mapping[str, str]] = json.loads(context.cursor or "{}")
    for name, tell in ways.items():
        news = changes(known.get(name, {}), seen)
        if not news:
            continue
        if tell(news):
            known[name] = news.known
        else:
            context.log.error(f"The alert channel {name} did not take the news; it is tried again at the next tick.")
    return dg.SensorResult(skip_reason=summary(seen), cursor=json.dumps(known))


def summary(seen: Seen) -> str:
    return f"{len(seen.wrong)} incidents: {', '.join(seen.wrong)}" if seen.wrong else "All is well."
