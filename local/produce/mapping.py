"""Which column of a CSV file says what, from a YAML file."""

from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from local.produce.errors import MappingError

_ENVELOPE = Literal[
    "event", "event_id", "timestamp", "sent_at", "received_at", "project_id", "device_id", "user_id", "session_id",
    "type", "previous_device_id", "previous_id",
]  # fmt: skip


class CsvMapping(BaseModel):
    """How the rows of one kind of CSV file become messages. `docs/producing.md` explains each key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stream: Literal["events", "identities", "people"] = "events"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    # Envelope key -> column, or a text with columns in braces: "{user_id}-{platform}".
    envelope: dict[_ENVELOPE, str]
    # Envelope key -> the same value in every row.
    constants: dict[_ENVELOPE, str] = {}
    # Property -> column.
    properties: dict[str, str] = {}
    # Properties whose text is a number; an empty cell is left out.
    numbers: list[str] = []
    # Name in the file -> name to send; others stay as they are.
    rename_events: dict[str, str] = {}
    # Without a column for event_id the ids are made of this name and the row's number, so a replay makes the same.
    event_id_namespace: str = "throughline"

    @property
    def makes_ids(self) -> bool:
        """Whether no column says what a row's id is."""
        return "event_id" not in self.envelope and "event_id" not in self.constants

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a mapping. Raises MappingError that names the file and the key."""
        try:
            return cls.model_validate(yaml.safe_load(path.read_bytes()))
        except OSError as error:
            raise MappingError(f"{path}: cannot be read: {error.strerror}") from error
        except yaml.YAMLError as error:
            raise MappingError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the file"
            raise MappingError(f"{path}: {where}: {first['msg']}") from error
