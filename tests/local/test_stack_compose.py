"""What docker-compose.yml mounts, tried on the engine of the wheel: images are not at hand in every test run."""

import shutil
from pathlib import Path

import pytest
import yaml

from loaders.settings import PROJECT_DIR
from local.stack.clickhouse import ClickHouse
from local.stack.clickhouse_http import ClickHouseHttp
from local.stack.errors import WrongPasswordError
from local.stack.jars import KAFKA

USERS = ("loader", "dbt", "bi", "admin")


def test_passwords_of_the_containers_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for user in USERS:
        monkeypatch.setenv(f"CLICKHOUSE_{user.upper()}_PASSWORD", f"{user} of the environment")
    passwords = {user: f"{user} of the environment" for user in USERS}
    server = ClickHouse(tmp_path, passwords)
    override = server.folder / "users.d" / "docker.xml"
    override.parent.mkdir(parents=True)
    shutil.copy(PROJECT_DIR / "local" / "stack" / "config" / "docker-users.xml", override)
    try:
        server.up()
        http = ClickHouseHttp(server.url)
        for user, password in passwords.items():
            assert http.run("SELECT currentUser()", user=user, password=password) == f"{user}\n"
        with pytest.raises(WrongPasswordError):
            http.run("SELECT 1", user="loader", password="")
    finally:
        server.kill()


def test_compose_runs_the_locked_kafka_and_mounts_files_that_exist() -> None:
    services = yaml.safe_load((PROJECT_DIR / "docker-compose.yml").read_text())["services"]
    assert services["kafka"]["image"] == f"apache/kafka:{KAFKA}"
    mounted = [volume.split(":")[0] for volume in services["clickhouse"]["volumes"] if volume.startswith("./")]
    assert mounted
    assert all((PROJECT_DIR / path).is_file() for path in mounted)
