"""What one expectation said, in words."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`look` is the query that shows the rows it is about, where there is one."""

    expectation: str
    passed: bool
    detail: str
    look: str = ""


def as_markdown(findings: Sequence[Finding]) -> str:
    """A table for Dagster's page of the check, and below it the queries that show what failed."""
    rows = [f"| {'✓' if one.passed else '✗'} | {one.expectation} | {_cell(one.detail)} |" for one in findings]
    queries = [f"\n{one.expectation}\n```sql\n{one.look}\n```" for one in findings if one.look and not one.passed]
    return "\n".join(["| | expectation | found |", "|---|---|---|", *rows, *queries])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
