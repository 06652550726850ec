"""The process that `warm_dbt.py` leaves behind: dbt imported, the project parsed, a fork for each run.

    python -m orchestration.lib.warm_dbt_process <socket> <target folder> <idle seconds> <options of dbt parse …>

Whoever connects sends its standard streams and one line of JSON (arguments, environment, folder), and is answered by
two lines: the run's pid, and its exit code, 128 and the signal's number where one ended it. A byte that comes between
is the number of a signal for the run; a connection that ends kills it.
"""

import fcntl
import gc
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from orchestration.lib.leash import collect_seldom, die_with_parent
from orchestration.lib.warm_dbt import PASSED_ON, signals_held

_ORDER_SECONDS: Final = 5


def main(socket_file: Path, target: Path, idle_seconds: float, options: Sequence[str]) -> None:
    with _only_one(socket_file) as is_first:
        if not is_first:
            return
        manifest = _parse(target, socket_file.with_suffix(".parsing"), options)
        with socket.socket(socket.AF_UNIX) as listener:
            socket_file.unlink(missing_ok=True)
            listener.bind(str(socket_file))
            listener.listen()
            try:
                _Server(listener, manifest).serve(idle_seconds)
            finally:
                socket_file.unlink(missing_ok=True)


@contextmanager
def _only_one(socket_file: Path) -> Iterator[bool]:
    # Whoever comes second leaves the pid of the first as it is.
    with socket_file.with_suffix(".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield True


def _parse(target: Path, folder: Path, options: Sequence[str]) -> Any:
    # One that was killed here may have left its own.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        # What was parsed last spares most of it.
        with suppress(FileNotFoundError):
            shutil.copy(target / "partial_parse.msgpack", folder)
        return manifest_for_forks("--target-path", str(folder), "--log-path", str(folder), *options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def manifest_for_forks(*arguments: str) -> Any:
    """What `dbt parse` with these arguments makes of the project. Ends this process where it fails."""
    gc.disable()
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.clients.jinja import template_cache

    parsed = dbtRunner().invoke(["parse", *arguments])
    manifest = parsed.result
    if not parsed.success or not isinstance(manifest, Manifest):
        raise SystemExit(f"dbt parse failed: {parsed.exception}")
    # The project's own, most of which each run calls: else each fork would compile them anew.
    for macro in manifest.macros.values():
        if macro.package_name == manifest.metadata.project_name:
            template_cache.get_node_template(macro)
    # What forks share stays shared.
    collect_seldom()
    return manifest


@dataclass
class _Server:
    listener: socket.socket
    manifest: Any
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    # By pid: who waits for the run.
    _waiting: dict[int, socket.socket] = field(default_factory=dict)

    def serve(self, idle_seconds: float) -> None:
        """Until nobody has come for so long and no run is left."""
        self._selector.register(self.listener, selectors.EVENT_READ, self._accept)
        while ready := self._selector.select(None if self._waiting else idle_seconds):
            for key, _ in ready:
                key.data()

    def _accept(self) -> None:
        connection, _ = self.listener.accept()
        connection.settimeout(_ORDER_SECONDS)
        streams: list[int] = []
        try:
            _, streams, _, _ = socket.recv_fds(connection, 1, 3)
            order = json.loads(connection.makefile("rb").readline())
            # None is lost that comes before the run has handlers of its own.
            with signals_held():
                pid = os.fork()
                if pid == 0:
                    self._run(connection, order, streams)
        except (OSError, ValueError):
            # Whoever came has heard of no run, and starts dbt itself.
            traceback.print_exc()
            connection.close()
        else:
            self._watch(pid, connection)
        finally:
            for stream in streams:
                os.close(stream)

    def _watch(self, pid: int, connection: socket.socket) -> None:
        self._waiting[pid] = connection
        ended = os.pidfd_open(pid)
        self._selector.register(ended, selectors.EVENT_READ, lambda: self._end(pid, ended))
        self._selector.register(connection, selectors.EVENT_READ, lambda: self._hear(pid))
        with suppress(OSError):
            connection.sendall(f"{pid}\n".encode())

    def _hear(self, pid: int) -> None:
        connection = self._waiting.get(pid)
        if connection is None:
            return
        try:
            numbers = connection.recv(16)
        except OSError:
            numbers = b""
        for number in numbers or [signal.SIGKILL]:
            os.kill(pid, number)
        if not numbers:
            self._selector.unregister(connection)

    def _end(self, pid: int, ended: int) -> None:
        connection = self._waiting.pop(pid)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        code = code if code >= 0 else 128 - code
        print(f"run {pid} ended with {code}", flush=True)
        with suppress(OSError):
            connection.sendall(f"{code}\n".encode())
        with suppress(KeyError):
            self._selector.unregister(connection)
        self._selector.unregister(ended)
        connection.close()
        os.close(ended)

    def _run(self, connection: socket.socket, order: dict[str, Any], streams: Sequence[int]) -> NoReturn:
        """dbt, in the fork."""
        code = 1
        try:
            die_with_parent()
            for other in (connection, self.listener, *self._waiting.values()):
                other.close()
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
            # Whoever started this process may have ignored them.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            for number in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)
            os.chdir(order["folder"])
            os.environ.clear()
            os.environ.update(order["environment"])
            from dbt.cli.main import cli

            cli(args=order["arguments"], prog_name="dbt", obj={"manifest": self.manifest, "callbacks": []})
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        except BaseException:
            traceback.print_exc()
        finally:
            with suppress(OSError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), sys.argv[4:])
