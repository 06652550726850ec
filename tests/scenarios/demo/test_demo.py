"""A small demo from end to end, on real engines, with everything killed that can be killed.

The demo itself compares every number with the brute force over the simulator's truth, and fails if one differs.
"""

import signal

from clickhouse_connect.driver.exceptions import DatabaseError

from loaders.settings import Settings
from local.produce.ends import records_in
from tests.support.clickhouse import connect
from tests.support.demo import DemoFolder, Ended

EQUAL = "every number equals the brute force"
TOPICS = ("events", "identities", "people")


def numbers(settings: Settings) -> dict[str, object]:
    """What a reader sees: the marts cell by cell, the facts as checksums, and what Kafka holds."""
    found: dict[str, object] = {"kafka": records_in(settings, TOPICS)}
    with connect(settings, "dbt") as client:
        for table in ("funnel_purchase", "retention_weekly", "active_users_daily", "trends_daily"):
            found[table] = sorted(client.query(f"select * from marts.{table}").result_rows, key=repr)
        for table, columns in (
            ("marts.fct_events", "event_id, client_timestamp, occurred_at, person_id, session_id"),
            ("marts.person_ids", "identifier_kind, identifier, valid_from, valid_to, person_id"),
            ("raw.events", "topic, partition, offset, payload, error_class"),
        ):
            found[table] = client.query(f"select count(), sum(cityHash64({columns})) from {table}").result_rows
    return found


def test_a_demo_that_is_killed_ends_at_once(survived: tuple[Ended, Ended]) -> None:
    assert survived[0].code == -signal.SIGKILL


def test_run_again_it_ends_with_the_right_numbers_whatever_dies(survived: tuple[Ended, Ended]) -> None:
    completed = survived[1]
    assert completed.code == 0, completed.output
    assert EQUAL in completed.output
    assert "kafka died: starting again" in completed.output
    assert "clickhouse died: starting again" in completed.output


def test_repeating_it_changes_nothing_and_shows_the_marts(
    demo_folder: DemoFolder, small_demo: tuple[str, ...], survived: tuple[Ended, Ended]
) -> None:
    before = numbers(demo_folder.stack.settings())
    repeated = demo_folder.run(*small_demo)
    assert repeated.code == 0, repeated.output
    assert numbers(demo_folder.stack.settings()) == before
    for part in ("Funnel:", "4 purchase", "Retention:", "Active users", "events/s", "/play", "static_index.html"):
        assert part in repeated.output
    assert (demo_folder.stack.folder / "demo" / "simulated" / "target" / "static_index.html").is_file()


def test_a_real_log_lives_beside_the_simulated_shop(demo_folder: DemoFolder, survived: tuple[Ended, Ended]) -> None:
    before = numbers(demo_folder.stack.settings())
    shop = demo_folder.run("demo", "--data=shop", "--no-ui")
    assert shop.code == 0, shop.output
    assert EQUAL in shop.output
    assert numbers(demo_folder.stack.settings()) == before


def test_bi_reads_every_mart(demo_folder: DemoFolder, survived: tuple[Ended, Ended]) -> None:
    unreadable = {}
    with connect(demo_folder.stack.settings(), "bi") as bi:
        names = bi.query("select name from system.tables where database = 'marts' and engine = 'View'").result_rows
        for (name,) in names:
            try:
                bi.query(f"select * from marts.{name} limit 1")
            except DatabaseError as error:
                unreadable[name] = str(error)
    assert unreadable == {}
    assert len(names) > 30


def test_another_size_in_one_folder_is_refused_in_a_line(
    demo_folder: DemoFolder, survived: tuple[Ended, Ended]
) -> None:
    refused = demo_folder.run("demo", "--people=401", "--days=30")
    assert refused.code == 1
    assert refused.output.splitlines()[-1].startswith("error: ")
    assert "holds a demo of 400 people over 30 days" in refused.output


def test_a_wrong_number_is_found(demo_folder: DemoFolder, survived: tuple[Ended, Ended]) -> None:
    settings = demo_folder.stack.settings()
    with connect(settings, "admin") as client:
        client.command(
            "alter table marts.active_users_daily_data update wau = wau + 1 where period_start = '2025-09-10'",
            settings={"mutations_sync": 1},
        )
    differs = demo_folder.run("verify", f"--truth={demo_folder.stack.folder}/demo/simulated/input")
    assert differs.code == 1
    assert "✗ active_users_daily" in differs.output
    assert "default / 2025-09-10" in differs.output
    assert differs.output.count("✗") == 1
