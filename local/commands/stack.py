"""Start, stop and show the local stack."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command("up")(up)
    app.command("down")(down)
    app.command("status")(status)
    app.command("env")(env)


def up() -> None:
    """Start ClickHouse and Kafka on free loopback ports, if they do not run yet."""
    from local.stack import Stack

    settings = Stack().up()
    typer.echo(f"ClickHouse {settings.clickhouse_url}\nKafka      {settings.kafka_bootstrap}")


def down() -> None:
    """Stop what runs. Data stays."""
    from local.stack import Stack

    stopped = Stack().down()
    typer.echo("stopped " + " and ".join(stopped) if stopped else "nothing was running")


def status() -> None:
    """Show each service: state, pid, address, memory, folder."""
    from rich.console import Console
    from rich.table import Table

    from local.stack import Stack

    table = Table("service", "state", "pid", "url", "memory", "folder")
    for row in Stack().status():
        memory = f"{row.memory_bytes / 1e6:.0f} MB" if row.memory_bytes else ""
        table.add_row(row.service, row.state, str(row.pid or ""), row.url, memory, str(row.folder or ""))
    Console().print(table)


def env(
    shell: Annotated[bool, typer.Option(help="Print `export NAME=value` lines.")] = True,
) -> None:
    """Print the environment of the stack, passwords included: eval "$(throughline env)"."""
    import shlex

    from loaders.settings import load_settings

    for name, value in load_settings().as_environment().items():
        typer.echo(f"{'export ' if shell else ''}{name}={shlex.quote(value)}")
