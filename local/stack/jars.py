"""Kafka's jars: resolved by jgo from Maven Central once per user, checked against `kafka-jars.sha256`."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from local.stack.errors import MissingJarsError
from local.stack.folders import one_at_a_time, writing

KAFKA = "4.1.1"
# Not log4j-slf4j-impl: through jgo it pulls a kafka-clients of another version beside the broker.
_ENDPOINT = f"org.apache.kafka:kafka_2.13:{KAFKA}+org.slf4j:slf4j-simple:1.7.36"
_LOCK = Path(__file__).parent / "kafka-jars.sha256"
_FETCH_SECONDS = 600


def cache_dir() -> Path:
    """Where the jars of all checkouts of this user are: they are 43 MB and never change."""
    base = os.environ.get("THROUGHLINE_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "throughline"


def kafka_jars() -> Path:
    """The folder that holds exactly the locked jars; fetched if they are not there yet.

    Raises MissingJarsError where Maven Central is out of reach, or sends other bytes than the locked ones, and
    FolderInUseError where another process has been fetching them for too long.
    """
    folder = cache_dir() / f"kafka-{KAFKA}"
    if not _complete(folder):
        with writing(folder.parent):
            folder.parent.mkdir(parents=True, exist_ok=True)
        with one_at_a_time(folder.parent, "fetching Kafka into", patience=_FETCH_SECONDS):
            # Whoever was first may have brought them, and started a broker of them.
            if not _complete(folder):
                _fetch(folder)
    return folder


def _locked() -> dict[str, str]:
    lines = (line.split() for line in _LOCK.read_text().splitlines())
    return {name: sha256 for sha256, name in lines}


def _complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in _locked())


def _fetch(folder: Path) -> None:
    import jgo
    import truststore

    # A company network may sign with its own certificate: the system store knows it, the bundled one does not.
    truststore.inject_into_ssl()
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        try:
            built = jgo.build(_ENDPOINT, cache_dir=Path(temporary) / "jgo")
        # Whatever the resolver raises: the jars did not come.
        except Exception as error:
            raise MissingJarsError(
                f"cannot fetch Kafka {KAFKA} from Maven Central:"
                f" {type(error).__name__}; connect once, or copy the jars of {_LOCK.name} to {folder}"
            ) from error
        staged = Path(temporary) / "jars"
        staged.mkdir()
        jars = {Path(jar).name: Path(jar) for jar in built.all_jars}
        for name, sha256 in _locked().items():
            if name not in jars or hashlib.sha256(jars[name].read_bytes()).hexdigest() != sha256:
                raise MissingJarsError(f"Maven Central sent no {name} with the checksum of {_LOCK}; try again")
            shutil.copyfile(jars[name], staged / name)
        shutil.rmtree(folder, ignore_errors=True)
        staged.rename(folder)
