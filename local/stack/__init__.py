"""The local stack: ClickHouse and a one-node Kafka as child processes, their data under one folder."""

from local.stack.service import ServiceStatus
from local.stack.stack import Stack

__all__ = ["ServiceStatus", "Stack"]
