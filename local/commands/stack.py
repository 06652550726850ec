"""Start, stop and show the local stack."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from local.stack import Stack


def register(app: typer.Typer) -> None:
    for command in (up, down, status, logs, env):
        app.command()(command)


def up(
    dagster: Annotated[bool, typer.Option("--dagster", help="Start the Dagster UI and its daemon too.")] = False,
) -> None:
    """Start ClickHouse and Kafka, if they do not run yet.

    They listen on 127.0.0.1 only, on free ports or on THROUGHLINE_{CLICKHOUSE,KAFKA,DAGSTER}_PORT. An engine that
    CLICKHOUSE_URL or KAFKA_BOOTSTRAP names is not started, only asked whether it answers.
    """
    stack = _stack()
    stack.up(dagster=dagster)
    for row in stack.status():
        if row.state != "stopped":
            typer.echo(f"{row.service:<11}{row.state:<9}{row.url}")


def down() -> None:
    """Stop what runs. Data stays."""
    stopped = _stack().down()
    typer.echo("stopped " + ", ".join(stopped) if stopped else "nothing was running")


def status() -> None:
    """Show each service: state, pid, address, memory, folder. Exits 1 unless ClickHouse and Kafka both answer."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    rows = _stack().status()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("service", "state", "pid", "url", "memory", "data folder"):
        justify: Literal["left", "right"] = "right" if heading in ("pid", "memory") else "left"
        # An address must stay whole to be clicked or copied.
        table.add_column(heading, justify=justify, no_wrap=heading != "data folder", overflow="fold")
    for row in rows:
        memory = f"{row.memory_bytes / 1e6:.0f} MB" if row.memory_bytes else "-"
        table.add_row(row.service, row.state, str(row.pid or "-"), row.url or "-", memory, str(row.folder or "-"))
    Console().print(table)
    if any(row.state in ("stopped", "no answer") for row in rows if row.service != "dagster"):
        raise typer.Exit(1)


def logs(
    service: Annotated[str, typer.Argument(help="clickhouse, kafka, dagster, or all of them.")] = "all",
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many of the last lines of each file.")] = 40,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
) -> None:
    """Show the last lines of the services' logs."""
    from local.stack.logs import follow_lines, last_lines

    stack = _stack()
    services = stack.services() if service == "all" else [stack.service(service)]
    files = [file for each in services for file in each.logs if file.exists()]
    for file in files:
        typer.secho(f"==> {file}", bold=True)
        typer.echo("\n".join(last_lines(file, lines)))
    if follow:
        for line in follow_lines(files):
            typer.echo(line)


def env() -> None:
    """Print the environment that reaches the stack, passwords included, for eval "$(throughline env)"."""
    import shlex

    from loaders.settings import load_settings

    for name, value in load_settings().as_environment().items():
        typer.echo(f"export {name}={shlex.quote(value)}")


def _stack() -> "Stack":
    from rich.console import Console

    from local.stack import Stack

    return Stack(progress=Console(stderr=True).status)
