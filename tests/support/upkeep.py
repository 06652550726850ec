"""What `maintain` does to the tables of the models, at once and however little there is to do."""

from collections.abc import Collection

from clickhouse_connect.driver.client import Client

from orchestration.lib.closed_rows import remove_closed_rows
from orchestration.lib.run_books import forget_runs
from orchestration.lib.versioned_models import VersionedModel


def maintain(client: Client, marts: str, models: Collection[VersionedModel]) -> int:
    """Forget all runs that may be forgotten, and remove the closed rows that nobody needs; how many rows."""
    forget_runs(client, marts, models, keep_days=0)
    return sum(remove_closed_rows(client, marts, models, least_share=0).values())
