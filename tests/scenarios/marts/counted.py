"""What macros count of all events, to compare with marts that go on from what stands."""

from collections.abc import Mapping

from tests.scenarios.conftest import Marts

# Between the answers of one run of dbt.
NEXT = "\n-- and next\n"


def compiled(marts: Marts, relations: Mapping[str, str]) -> dict[str, str]:
    """The SQL of what a macro counts for each mart; models have to stand by then."""
    selects = NEXT.join(f"select * from {relation}" for relation in relations.values())
    return dict(zip(relations, marts.builder.compiled(selects).split(NEXT), strict=True))


def shown(marts: Marts, mart: str, query: str, project: str) -> list[str]:
    """A project's rows of a query that has the columns of a mart, sorted."""
    columns = [each["name"] for each in marts.rows(f"DESCRIBE {{marts}}.{mart}")]
    rows = marts.client.query(f"SELECT {', '.join(columns)} FROM ({query}) WHERE project_id = '{project}'").result_rows
    return sorted(map(str, rows))
