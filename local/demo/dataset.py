"""What the demo runs on: where its files, topics and databases are, so that several live side by side."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from loaders.errors import ThroughlineError
from loaders.settings import PROJECT_DIR, Settings, local_dir
from local.oracle.replayed import MAPPING_FILE

STREAMS = ("events", "identities", "people")
_SIZE_FILE = "size.json"


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
    """One input of the demo."""

    name: str
    # Appended to the databases and put before the topics; '' are the plain names.
    suffix: str
    # A log that ships with the project; None is simulated.
    log: Path | None = None

    @property
    def home(self) -> Path:
        """Everything of this dataset but what is in the engines."""
        return local_dir() / "demo" / self.name

    @property
    def truth(self) -> Path:
        """The folder of the input and its truth. A simulated one is complete if it is there at all."""
        return self.log.parent if self.log else self.home / "input"

    @property
    def unfinished(self) -> Path:
        """Where a simulation is written, so that a killed one leaves nothing that looks complete."""
        return self.home / "input.unfinished"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def target(self) -> Path:
        """dbt's own output; the static docs are there."""
        return self.home / "target"

    @property
    def produce_arguments(self) -> Sequence[str]:
        """Lines that hold no message are sent as well: the loader has to cope with them."""
        if self.log:
            return (str(self.log), f"--mapping={self.log.parent / MAPPING_FILE}")
        return (str(self.truth), "--on-error=keep")

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

    def settings(self, stack: Settings) -> Settings:
        """The stack's settings with the names of this input."""
        fields = {name.lower(): value for name, value in self.environment.items()}
        return stack.model_copy(update={name: fields[name] for name in Settings.model_fields if name in fields})

    def is_complete(self, size: Size) -> bool:
        """Is the input there, and of this size? Raises DatasetError where it is of another."""
        if self.log:
            return True
        if not self.truth.exists():
            shutil.rmtree(self.unfinished, ignore_errors=True)
            return False
        present = self._present_size()
        if present != size:
            raise DatasetError(
                f"{self.home} holds a demo of {present}, not of {size}: ask for the same, or begin anew in another "
                "folder (THROUGHLINE_LOCAL_DIR=/some/folder) or after `make clean`"
            )
        return True

    def _present_size(self) -> Size:
        try:
            return Size(**orjson.loads((self.truth / _SIZE_FILE).read_bytes()))
        except (OSError, ValueError, TypeError) as error:
            raise DatasetError(
                f"{self.truth / _SIZE_FILE} is missing or damaged: remove {self.truth}, and the demo simulates it again"
            ) from error

    def finish(self, size: Size) -> None:
        """Declare the unfinished input complete, at once."""
        (self.unfinished / _SIZE_FILE).write_bytes(orjson.dumps(size))
        self.unfinished.rename(self.truth)


SIMULATED = Dataset("simulated", "")
SHOP = Dataset("shop", "_shop", PROJECT_DIR / "local" / "data" / "shop" / "ecom.csv.gz")
