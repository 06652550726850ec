"""`stack.env`: where the stack is and the passwords of its users, made at its first start."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from local.stack.folders import writing

# `admin` is for the operator and for tests; no part of the project logs in as it.
USERS = ("loader", "dbt", "bi", "admin")


class Accounts:
    """The users of one stack. Passwords are in plain text here alone, readable by the owner of the folder only."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def passwords(self) -> dict[str, str]:
        """Each user's password. Those that are missing are made, and kept before anyone uses them."""
        known = self.values()
        passwords = {user: known.get(_variable(user)) or secrets.token_urlsafe(24) for user in USERS}
        if any(known.get(_variable(user)) != password for user, password in passwords.items()):
            self.write(passwords, {name: value for name, value in known.items() if name in ADDRESSES})
        return passwords

    def values(self) -> dict[str, str]:
        return {name: value for name, value in dotenv_values(self.file).items() if value}

    def write(self, passwords: Mapping[str, str], addresses: Mapping[str, str]) -> None:
        lines = [f"{name}={value}" for name, value in addresses.items()]
        for user, password in passwords.items():
            lines += [f"CLICKHOUSE_{user.upper()}_USER={user}", f"{_variable(user)}={password}"]
        write_private(self.file, "\n".join(lines) + "\n")


ADDRESSES = ("CLICKHOUSE_URL", "KAFKA_BOOTSTRAP")


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner reads; it is there whole or not at all."""
    temporary = file.with_name(file.name + ".tmp")
    with writing(file.parent):
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as opened:
            opened.write(text)
        temporary.replace(file)


def _variable(user: str) -> str:
    return f"CLICKHOUSE_{user.upper()}_PASSWORD"
