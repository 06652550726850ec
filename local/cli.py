"""`throughline`: one command for the local stack, the loaders, the input and the demo.

Each module of `local/commands/` adds its commands in `register(app)`.
"""

import sys
from importlib import import_module

import typer
from rich.console import Console
from rich.markup import escape

from loaders.errors import ThroughlineError

COMMANDS = ("stack", "input", "load", "sideline", "plan", "dbt", "demo")

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def throughline() -> None:
    """Product analytics in your own warehouse: the local stack, input, loaders, models and the demo."""


for command in COMMANDS:
    import_module(f"local.commands.{command}").register(app)


def main() -> None:
    """Run the command line. A known failure is one clear line on stderr and its exit code, never a stack trace."""
    try:
        app()
    except ThroughlineError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(f"[bold red]error:[/] {escape(str(error))}")
        sys.exit(error.exit_code)
