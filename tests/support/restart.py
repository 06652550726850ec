"""Crashes of a service of the stack."""

from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from local.stack import Stack
from local.stack.errors import FolderInUseError


def crash_and_restart(stack: Stack, service: str) -> None:
    """Kill a service with SIGKILL and start it again. A process that dies holds its files a moment longer."""
    stack.kill(service)
    retry(
        retry=retry_if_exception_type(FolderInUseError), stop=stop_after_delay(10), wait=wait_fixed(0.2), reraise=True
    )(stack.up)()
