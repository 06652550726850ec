"""What the demo runs on: where its files, topics and databases are, so that several live side by side."""

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from loaders.errors import ThroughlineError
from loaders.settings import local_dir


class DatasetError(ThroughlineError):
    """The folder holds the data of a demo with other options."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much to simulate."""

    people: int = 20_000
    days: int = 60
    seed: int = 1

    def __str__(self) -> str:
        return f"{self.people:,} people over {self.days} days with seed {self.seed}"

    @property
    def options(self) -> list[str]:
        return [f"--{name}={value}" for name, value in asdict(self).items()]


@dataclass(frozen=True, slots=True)
class Dataset:
    """One input of the demo. Its files are complete where `folder` is there; `truth` stands in it."""

    name: str
    # Appended to the databases, put before the topics; '' are the plain names.
    suffix: str

    @property
    def home(self) -> Path:
        return local_dir() / "demo" / self.name

    @property
    def folder(self) -> Path:
        """The complete input. It comes into being by a rename, so a killed writer leaves none."""
        return self.home / "input"

    @property
    def unfinished(self) -> Path:
        return self.home / "input.unfinished"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def target(self) -> Path:
        """dbt's own output; the static docs are there."""
        return self.home / "target"

    @property
    def environment(self) -> Mapping[str, str]:
        """What every command needs to work on this input and no other."""
        prefix = f"{self.suffix.strip('_')}_" if self.suffix else ""
        return {
            "THROUGHLINE_SCHEMA_SUFFIX": self.suffix,
            "THROUGHLINE_GROUP": f"throughline{self.suffix}",
            **{f"THROUGHLINE_TOPICS_{stream.upper()}": f"{prefix}{stream}" for stream in STREAMS},
            "DBT_TARGET_PATH": str(self.target),
            "DBT_LOG_PATH": str(self.logs),
        }

    def finish(self, size: Size | None = None) -> None:
        """Declare the unfinished input complete."""
        if size:
            (self.unfinished / _SIZE_FILE).write_bytes(orjson.dumps(size))
        self.unfinished.rename(self.folder)

    def is_complete(self, size: Size | None = None) -> bool:
        """Is the input there, and of this size? Raises DatasetError where it is of another."""
        if not self.folder.exists():
            shutil.rmtree(self.unfinished, ignore_errors=True)
            return False
        if size:
            present = Size(**orjson.loads((self.folder / _SIZE_FILE).read_bytes()))
            if present != size:
                raise DatasetError(
                    f"{self.home} holds a demo of {present}, not of {size}: ask for the same, or begin anew in another "
                    "folder (THROUGHLINE_LOCAL_DIR=/some/folder) or after `make clean`"
                )
        return True


STREAMS = ("events", "identities", "people")
_SIZE_FILE = "size.json"

SIMULATED = Dataset("simulated", "")
SHOP = Dataset("shop", "_shop")
