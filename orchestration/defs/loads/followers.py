"""Loaders that follow the topics as services: what they land shows on the raw tables, as of a load of Dagster."""

from datetime import UTC, datetime, timedelta

import dagster as dg

from loaders.settings import load_settings


@dg.sensor(minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.STOPPED)
def loaders(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Report what `throughline load --follow` has landed since the last tick. Turn it on instead of `load_schedule`.

    A loader that stands still makes the raw tables late, which the sensor `alerts` tells.
    """
    # Imported here: the code server need not load the warehouse's client to show the graph.
    from loaders.schema import opened
    from orchestration.lib.followed import landed_since, materializations

    since = datetime.fromisoformat(context.cursor) if context.cursor else datetime.now(UTC) - timedelta(minutes=5)
    with opened(load_settings()) as warehouse:
        landed = landed_since(warehouse, since)
    if not landed:
        return dg.SensorResult(skip_reason="Nothing landed since the last look.", cursor=since.isoformat())
    last = max(one.last_at for one in landed).replace(tzinfo=UTC)
    return dg.SensorResult(asset_events=list(materializations(landed)), cursor=last.isoformat())
