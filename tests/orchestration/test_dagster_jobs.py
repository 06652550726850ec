"""Each job that does without dbt, on a real warehouse and real topics."""

import json
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import clickhouse_connect
import dagster as dg
import pytest
from clickhouse_connect.driver.client import Client
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from loaders.settings import Settings, local_dir
from orchestration.lib.backups import BackupFailedError, BackupSettings, back_up, restore
from orchestration.lib.cost import cost_metadata, now_of
from orchestration.lib.lock import acquire
from orchestration.lib.streams import STREAMS, raw_key
from orchestration.lib.warehouse import connect_as_dbt
from tests.support.clickhouse import connect
from tests.support.dagster_runs import EVENT, failed_checks, metadata, run
from tests.support.landing import land


def produce(settings: Settings, stream: str, *values: bytes) -> None:
    topic = getattr(settings, f"throughline_topics_{stream}")
    admin = KafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    admin.create_topics([NewTopic(topic, num_partitions=2, replication_factor=1)])
    admin.close()
    producer = KafkaProducer(bootstrap_servers=settings.kafka_bootstrap)
    for value in values:
        producer.send(topic, value)
    producer.close()


def test_a_load_lands_what_the_topics_hold_and_tells_how_much(
    defs: dg.Definitions, instance: dg.DagsterInstance, warehouse: Settings, clickhouse: Client
) -> None:
    usable = [json.dumps({"event_id": f"event {number}", **EVENT}).encode() for number in range(20)]
    produce(warehouse, "events", *usable, b"no JSON")
    result = run(defs, instance, "load")
    assert clickhouse.command(f"select count() from {warehouse.raw_database}.events") == 21
    [told] = [event for event in result.get_asset_materialization_events() if event.asset_key == raw_key("events")]
    numbers = {name: value.value for name, value in told.materialization.metadata.items() if name != "seconds"}
    assert numbers == {"consumed": 21, "usable": 20, "sidelined": 1}


def test_a_load_that_runs_again_lands_nothing_twice(
    defs: dg.Definitions, instance: dg.DagsterInstance, warehouse: Settings, clickhouse: Client
) -> None:
    produce(warehouse, "events", json.dumps({"event_id": "once", **EVENT}).encode())
    run(defs, instance, "load")
    run(defs, instance, "load")
    assert clickhouse.command(f"select count() from {warehouse.raw_database}.events") == 1
    assert failed_checks(run(defs, instance, "audit")) == set()


def test_the_audit_takes_no_offence_at_records_that_came_since(
    defs: dg.Definitions, instance: dg.DagsterInstance, warehouse: Settings, clickhouse: Client
) -> None:
    produce(warehouse, "events", json.dumps({"event_id": "first", **EVENT}).encode())
    run(defs, instance, "load")
    with KafkaProducer(bootstrap_servers=warehouse.kafka_bootstrap) as producer:
        producer.send(warehouse.throughline_topics_events, b"{}").get(10)
    result = run(defs, instance, "audit")
    assert failed_checks(result) == set()
    [told] = result.get_asset_check_evaluations()
    assert told.metadata["waiting"].value == 1


def test_the_audit_misses_a_row_that_is_gone(
    defs: dg.Definitions, instance: dg.DagsterInstance, warehouse: Settings, clickhouse: Client
) -> None:
    produce(warehouse, "events", *(json.dumps({"event_id": name, **EVENT}).encode() for name in ("a", "b", "c")))
    run(defs, instance, "load")
    clickhouse.command(f"delete from {warehouse.raw_database}.events where payload like '%\"b\"%'")
    assert failed_checks(run(defs, instance, "audit")) == {("load_ranges", "nothing_lost_nothing_twice")}


def test_a_fix_lands_what_it_mends_and_the_rest_is_discarded_for_a_reason(
    defs: dg.Definitions, instance: dg.DagsterInstance, warehouse: Settings, clickhouse: Client
) -> None:
    twice = json.dumps(json.dumps({"event_id": "twice", **EVENT})).encode()
    produce(warehouse, "events", twice, b"no JSON")
    run(defs, instance, "load")
    fix = {"ops": {"sideline__fixed": {"config": {"fix": "double_encoded"}}}}
    result = defs.resolve_job_def("fix_sideline").execute_in_process(instance=instance, run_config=fix)
    [told] = result.get_asset_materialization_events()
    assert metadata(told)["replayed"] == 1
    assert "double_encoded" in metadata(told)["landed"]
    reason = {"ops": {"sideline__discarded": {"config": {"reason": "a test of the producer"}}}}
    result = defs.resolve_job_def("discard_sideline").execute_in_process(instance=instance, run_config=reason)
    [told] = result.get_asset_materialization_events()
    assert metadata(told)["discarded"] == 1
    states = f"select arraySort(groupArray(state)) from {warehouse.raw_database}.sideline"
    assert clickhouse.query(states).result_rows == [(["discarded", "replayed"],)]


def test_a_backup_is_restored_beside_the_warehouse_and_then_in_its_place(
    defs: dg.Definitions, instance: dg.DagsterInstance, warehouse: Settings, raw: Client
) -> None:
    """By the steps of docs/operations.md."""
    database = warehouse.raw_database
    beside, spoilt = f"{database}_restored", f"{database}_spoilt"
    land(raw, database, {"events": [{"event_id": name, **EVENT} for name in "abc"]})
    raw.command(
        f"insert into {database}.events (topic, offset, lane, error_class) values ('t', 3, 'live', 'too_large')"
    )
    result = run(defs, instance, "backup")
    [told] = result.get_asset_materialization_events()
    assert metadata(told)["bytes"] > 0
    [name, *_] = metadata(told)["names"]

    def rows(of: str) -> dict[str, Sequence[int]]:
        tables = raw.query(f"select name from system.tables where database = '{of}'").result_rows
        counted = "count(), sum(cityHash64(formatRow('JSONEachRow', *)))"
        return {table: raw.query(f"select {counted} from {of}.{table}").result_rows[0] for (table,) in tables}

    before = rows(database)
    assert before.keys() >= {"events", "identities", "people", "load_ranges", "sideline", "schema_migrations"}
    try:
        restore(raw, name, BackupSettings(), database=database, into=beside)
        assert rows(beside) == before
        raw.command(f"drop database {beside} sync")
        raw.command(f"rename database {database} to {spoilt}")
        restore(raw, name, BackupSettings(), database=database, into=database)
    finally:
        for other in (beside, spoilt):
            raw.command(f"drop database if exists {other} sync")
    # Alone now, its view reads its own tables.
    assert rows(database) == before


def test_a_backup_may_take_longer_than_a_connection_waits(warehouse: Settings, raw: Client) -> None:
    events = f"{warehouse.raw_database}.events (topic, payload)"
    raw.command(f"insert into {events} select 't', randomString(1000) from numbers(2000)")
    slow = clickhouse_connect.get_client(
        dsn=warehouse.clickhouse_url,
        username=warehouse.clickhouse_loader_user,
        password=warehouse.clickhouse_loader_password.get_secret_value(),
        send_receive_timeout=1,
        settings={"max_backup_bandwidth": 600_000},
    )
    with slow:
        made = back_up(slow, warehouse.raw_database, BackupSettings(), at=datetime.now(UTC))
    assert made.seconds > 1
    assert made.bytes > 0


@pytest.mark.parametrize("to", ["S3('https://host/{name}' 'a key', 'a secret')", "File('{name}', 'a secret')"])
def test_a_place_that_is_none_is_told_without_its_secrets(warehouse: Settings, raw: Client, to: str) -> None:
    with pytest.raises(BackupFailedError) as failed:
        back_up(raw, warehouse.raw_database, BackupSettings(throughline_backup_to=to), at=datetime.now(UTC))
    told = "".join(traceback.format_exception(failed.value))
    assert "a secret" not in told
    assert "a key" not in told


def test_a_database_that_cannot_be_backed_up_keeps_no_other_from_it(
    defs: dg.Definitions, instance: dg.DagsterInstance, warehouse: Settings, raw: Client
) -> None:
    raw.command(f"drop database {warehouse.staging_database} sync")
    result = run(defs, instance, "backup", ok=False)
    [failure] = [event for event in result.all_events if event.event_type_value == "STEP_FAILURE"]
    assert f"{warehouse.staging_database}: " in str(failure.step_failure_data.error)
    backed_up = "select status from system.backups where name like %(name)s"
    for database in (warehouse.raw_database, warehouse.marts_database):
        assert raw.query(backed_up, {"name": f"%'{database}-%"}).result_rows == [("BACKUP_CREATED",)]


def test_the_volume_check_notices_a_model_that_lost_its_rows(
    defs: dg.Definitions, instance: dg.DagsterInstance, warehouse: Settings, raw: Client
) -> None:
    table = f"{warehouse.staging_database}.stg_raw__people"
    raw.command(f"create table {table} (id UInt32) engine = MergeTree order by id as select number from numbers(10)")
    assert failed_checks(run(defs, instance, "check_volume")) == set()
    raw.command(f"truncate table {table}")
    assert failed_checks(run(defs, instance, "check_volume")) == {("stg_raw__people", "volume")}


def test_what_a_following_loader_lands_shows_on_the_raw_tables(
    defs: dg.Definitions, instance: dg.DagsterInstance, warehouse: Settings, raw: Client
) -> None:
    into = (
        f"insert into {warehouse.raw_database}.load_ranges "
        "(topic, generation, partition, first, last, kind, usable, sidelined, gaps, stream, recorded_at) "
    )
    raw.command(
        f"{into} select 'old', 0, 0, number, number, 'landed', 1, 0, 0, 'events', "
        "now64(3) - interval (300000 - number) second from numbers(200000)"
    )
    for _ in range(2):
        # A loader that does not know whether it was written writes it again.
        raw.command(f"{into} values ('t', 0, 0, 0, 9, 'landed', 9, 1, 0, 'events', now64(3) - interval 1 minute)")
    sensor = defs.get_repository_def().get_sensor_def("loaders")
    first = sensor.evaluate_tick(dg.build_sensor_context(instance))
    told = {event.asset_key: event.metadata for event in first.asset_events}
    assert set(told) == {raw_key("events"), raw_key("load_ranges"), raw_key("sideline")}
    assert (told[raw_key("events")]["usable"].value, told[raw_key("events")]["sidelined"].value) == (9, 1)
    second = sensor.evaluate_tick(dg.build_sensor_context(instance, cursor=first.cursor))
    assert second.skip_message == "Nothing landed since the last look."
    raw.command("system flush logs")
    read = raw.command(
        "select max(read_rows) from system.query_log where type = 'QueryFinish' and user = 'loader'"
        f" and query like '%{warehouse.raw_database}.load_ranges where kind%'"
    )
    assert isinstance(read, int)
    assert 0 < read < 50_000


def test_models_are_built_as_soon_as_something_landed_and_the_build_before_has_ended(
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
    warehouse: Settings,
    raw: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sensor = defs.get_repository_def().get_sensor_def("models_on_landing")
    cursor: str | None = None

    def ticked() -> int | str | None:
        """How many runs a tick asks for, or why none."""
        nonlocal cursor
        told = sensor.evaluate_tick(dg.build_sensor_context(instance, cursor=cursor))
        cursor = told.cursor
        return len(told.run_requests or ()) or told.skip_message

    assert ticked() == "Nothing has landed since the last build."
    land(raw, warehouse.raw_database, {"events": [{"event_id": "a", **EVENT}]})
    job = defs.resolve_job_def("models_minute")
    assert ticked() == 1
    running = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    land(raw, warehouse.raw_database, {"people": [{"event_id": "b", "type": "set", "user_id": "u", **EVENT}]})
    assert ticked() == f"Run {running.run_id} is not finished yet."
    instance.report_run_failed(running)
    assert ticked() == 1
    assert ticked() == "Nothing has landed since the last build."
    monkeypatch.setattr("orchestration.defs.models.on_landing.RETRY_AFTER", timedelta(0))
    assert ticked() == 1


def test_a_model_costs_what_its_queries_took_since_its_run_began_and_nothing_known_fails_no_build(
    warehouse: Settings, clickhouse: Client
) -> None:
    dbt, node = connect_as_dbt(warehouse), "model.throughline.daily"
    lock = f"lock_{warehouse.throughline_schema_suffix}"
    began = now_of(dbt)
    dbt.query(f'select 1 /* {{"node": "{node}", "run": "{lock}"}} */')
    assert cost_metadata(dbt, node=node, run=lock, since=began)["queries"] == 1
    assert cost_metadata(dbt, node=node, run=lock, since=began + 3600)["queries"] == 0
    # Someone who may not read the log.
    assert cost_metadata(connect(warehouse, "bi"), node=node, run=lock, since=began) == {}


def test_models_are_not_built_beside_themselves(
    defs: dg.Definitions, instance: dg.DagsterInstance, warehouse: Settings, raw: Client
) -> None:
    acquire(connect_as_dbt(warehouse), warehouse.staging_database, "models", holder="run 1", patience_seconds=60)
    result = run(defs, instance, "models_nightly", "staging/guarded_identifiers", ok=False)
    [failure] = [event for event in result.all_events if event.event_type_value == "STEP_FAILURE"]
    assert "being done by run 1" in str(failure.step_failure_data.error)


def test_good_rows_pass_every_expectation_and_bad_ones_fail_theirs(
    defs: dg.Definitions, instance: dg.DagsterInstance, warehouse: Settings, raw: Client
) -> None:
    database = warehouse.raw_database
    for stream in STREAMS:
        raw.command(
            f"insert into {database}.{stream} (topic, offset, payload, check_version, lane, loaded_at) "
            "select 'some', number, '{}', 1, 'live', now64(3) from numbers(2)"
        )
    assert failed_checks(run(defs, instance, "check_raw")) == set()

    pages = local_dir() / "data-docs"
    assert {page.stem for page in pages.glob("*.html")} >= {f"{stream}_values" for stream in STREAMS}

    # A class that nobody knows, a record of tomorrow, a copy, and a column of another type.
    raw.command(
        f"insert into {database}.events select * replace('unheard_of' as error_class, "
        f"now64(3) + interval 1 day as kafka_timestamp) from {database}.events limit 1"
    )
    raw.command(f"alter table {database}.people modify column check_version UInt32")
    assert failed_checks(run(defs, instance, "check_raw")) == {
        ("events", "values"),
        ("events", "coordinates"),
        ("people", "schema"),
    }


def test_the_scheduled_retry_leaves_what_is_not_due(
    defs: dg.Definitions, instance: dg.DagsterInstance, warehouse: Settings, clickhouse: Client
) -> None:
    produce(warehouse, "events", b"no JSON")
    run(defs, instance, "load")
    [told] = run(defs, instance, "retry_sideline").get_asset_materialization_events()
    assert metadata(told)["tried"] == 0
    assert clickhouse.query(f"select state from {warehouse.raw_database}.sideline").result_rows == [("pending",)]


def test_a_retry_lands_what_became_usable_and_tells_how_much(
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
    warehouse: Settings,
    clickhouse: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    long = json.dumps({"event_id": "long", **EVENT, "properties": {"text": "x" * 2000}}).encode()
    monkeypatch.setenv("THROUGHLINE_MAX_RECORD_BYTES", "1000")
    produce(warehouse, "events", long, b"no JSON")
    run(defs, instance, "load")
    monkeypatch.setenv("THROUGHLINE_MAX_RECORD_BYTES", "1000000")
    result = run(defs, instance, "retry_sideline_now")
    [told] = result.get_asset_materialization_events()
    numbers = {name: value.value for name, value in told.materialization.metadata.items()}
    landed = str(numbers.pop("landed"))
    assert numbers == {"tried": 2, "replayed": 1, "refused": 1, "died": 0}
    assert f"| {warehouse.throughline_topics_events} | too_large |  | 1 |" in landed
    states = f"select arraySort(groupArray(state)) from {warehouse.raw_database}.sideline"
    assert clickhouse.query(states).result_rows == [(["pending", "replayed"],)]
