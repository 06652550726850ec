"""`throughline demo` as a person sees it."""

from collections.abc import Mapping

import typer
from rich.console import Console

from loaders.settings import Settings, local_dir
from local.demo.already import less_before, records_in_raw
from local.demo.dataset import SHOP, SIMULATED, Dataset, Size
from local.demo.lock import only_one
from local.demo.results import Marts
from local.demo.services import LocalServices
from local.demo.stages import Runner, Stage, StageError
from local.demo.tables import active_users_table, funnel_table, retention_triangle
from local.demo.timings import timing_table
from local.oracle.truth import counts_of
from local.produce.ends import records_of_streams
from local.simulator.truth import TopicCounts
from local.stack import Stack
from local.stack.folders import require_room

SIMULATE = "Simulate a shop"
PRODUCE = "Produce to Kafka"
LOAD = "Load into ClickHouse"
BUILD = "Build and test the marts"
COMPARE = "Compare with a brute-force computation"


def run(data: str, size: Size, *, with_ui: bool) -> None:
    """All stages in turn, then the tables. Raises ThroughlineError, or Exit where a stage has told why it failed."""
    require_room(local_dir())
    try:
        _run(data, size, with_ui=with_ui)
    except StageError as error:
        if error.is_told:
            raise typer.Exit(1) from error
        raise


def _run(data: str, size: Size, *, with_ui: bool) -> None:
    console = Console(highlight=False)
    dataset = {each.name: each for each in (SIMULATED, SHOP)}[data]
    stack = Stack()
    services = LocalServices(stack)
    with only_one(dataset.home.parent / "lock", console=console) as lock:
        runner = Runner(services=services, environment=dataset.environment, console=console, keep_open=[lock])
        is_complete = dataset.is_complete(size)
        runner.run(Stage(title="Start ClickHouse and Kafka", arguments=["up"]))
        services.watch()
        settings = dataset.settings(stack.settings())
        before = {PRODUCE: sum(records_of_streams(settings).values()), LOAD: records_in_raw(settings)}
        if not is_complete:
            runner.run(_simulation(dataset, size))
            dataset.finish(size)
        for stage in _stages(dataset, with_ui=with_ui):
            runner.run(stage)
        _show_marts(console, settings)
        handled = less_before(_events_of_stages(counts_of(dataset.truth)), before)
        console.print(timing_table(runner.timings, handled))
        _say_where_to_look(console, stack, settings, dataset)


def _simulation(dataset: Dataset, size: Size) -> Stage:
    return Stage(title=SIMULATE, arguments=["simulate", f"--out={dataset.unfinished}", *size.options])


def _stages(dataset: Dataset, *, with_ui: bool) -> list[Stage]:
    """All after the input is there."""
    stages = [
        Stage(title=PRODUCE, arguments=["produce", *dataset.produce_arguments, "--resume"]),
        Stage(title=LOAD, arguments=["load", "--until-caught-up"]),
        Stage(title=BUILD, arguments=["dbt", "build"], log=dataset.logs / "build.log"),
        Stage(title=COMPARE, arguments=["verify", f"--truth={dataset.truth}"]),
        Stage(
            title="Write the docs of the models",
            arguments=["dbt", "docs", "generate", "--static"],
            log=dataset.logs / "docs.log",
        ),
    ]
    if with_ui:
        stages.append(Stage(title="Start the Dagster UI", arguments=["up", "--dagster"]))
    return stages


def _events_of_stages(counts: Mapping[str, TopicCounts]) -> dict[str, int]:
    """What each stage handles, by its title: records of all topics, or distinct events."""
    records = sum(each.records for each in counts.values())
    events = counts["events"].clean
    return {SIMULATE: records, PRODUCE: records, LOAD: records, BUILD: events, COMPARE: events}


def _show_marts(console: Console, settings: Settings) -> None:
    marts = Marts(settings)
    for table in (
        funnel_table(marts.funnel()),
        retention_triangle(marts.retention()),
        active_users_table(marts.active_days()),
    ):
        console.print()
        console.print(table)


def _say_where_to_look(console: Console, stack: Stack, settings: Settings, dataset: Dataset) -> None:
    addresses = {each.service: each.url for each in stack.status() if each.state == "running"}
    lines = {
        "Dagster": addresses.get("dagster", "not running: throughline up --dagster"),
        "SQL": f"{settings.clickhouse_url}/play, user {settings.clickhouse_bi_user}, its password: throughline env",
        "": f"e.g. select * from {settings.marts_database}.funnel_purchase",
        "Docs of the models": f"file://{dataset.target / 'static_index.html'}",
        "What runs": "throughline status",
        "Stop it": "throughline down (data stays), make clean (all goes)",
    }
    console.print("\n[bold]Where to look[/]")
    for name, where in lines.items():
        console.print(f"  {name:<19} {where}", soft_wrap=True)
