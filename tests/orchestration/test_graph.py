"""The asset graph that Dagster shows, without a server."""

from collections import defaultdict

import dagster as dg
import pytest
import yaml
from dagster import AssetKey

from loaders.settings import PROJECT_DIR
from orchestration.lib.streams import STREAMS, raw_key, topic_key

Specs = dict[AssetKey, dg.AssetSpec]


@pytest.fixture(scope="module")
def specs(defs: dg.Definitions) -> Specs:
    return {spec.key: spec for spec in defs.resolve_all_asset_specs()}


def upstream(key: AssetKey, specs: Specs) -> set[AssetKey]:
    """Everything that the asset is made of."""
    parents = {dep.asset_key for dep in specs[key].deps}
    return parents.union(*(upstream(parent, specs) for parent in parents))


def connected(start: AssetKey, specs: Specs) -> set[AssetKey]:
    """Everything that a line joins with the asset, along or against its direction."""
    neighbours: dict[AssetKey, set[AssetKey]] = defaultdict(set)
    for key, spec in specs.items():
        for dep in spec.deps:
            neighbours[key].add(dep.asset_key)
            neighbours[dep.asset_key].add(key)
    found: set[AssetKey] = set()
    waiting = {start}
    while waiting:
        key = waiting.pop()
        found.add(key)
        waiting |= neighbours[key] - found
    return found


@pytest.mark.parametrize("stream", STREAMS)
def test_every_topic_leads_through_its_raw_table_to_staging(stream: str, specs: Specs) -> None:
    assert {topic_key(stream), raw_key(stream)} <= upstream(AssetKey(["staging", f"stg_raw__{stream}"]), specs)


@pytest.mark.parametrize("mart", ["fct_events", "fct_sessions", "person_ids", "active_users_daily"])
def test_every_mart_begins_at_a_topic(mart: str, specs: Specs) -> None:
    assert topic_key("events") in upstream(AssetKey(["marts", mart]), specs)


def test_every_model_stands_in_one_graph_with_the_topics(specs: Specs) -> None:
    models = {path.stem for path in (PROJECT_DIR / "models").rglob("*.sql")}
    assert models <= {key.path[-1] for key in connected(topic_key("events"), specs)}


def test_every_asset_has_a_group_an_owner_and_a_description(specs: Specs) -> None:
    nameless = [key for key, spec in specs.items() if spec.group_name in (None, "default")]
    ownerless = [key for key, spec in specs.items() if not spec.owners]
    undescribed = [key for key, spec in specs.items() if len(spec.description or "") < len("dbt model!")]
    assert (nameless, ownerless, undescribed) == ([], [], [])


def test_each_job_has_a_schedule_that_is_off_but_for_those_that_a_person_launches(defs: dg.Definitions) -> None:
    repository = defs.get_repository_def()
    jobs = {job.name for job in repository.get_all_jobs() if not job.name.startswith("__")}
    launched = {"retry_sideline_now", "fix_sideline", "discard_sideline", "models_backfill"}
    assert {schedule.job_name for schedule in repository.schedule_defs} == jobs - launched
    assert {schedule.default_status for schedule in repository.schedule_defs} == {dg.DefaultScheduleStatus.STOPPED}


def test_each_sensor_is_off(defs: dg.Definitions) -> None:
    sensors = defs.get_repository_def().sensor_defs
    assert {sensor.name: sensor.default_status for sensor in sensors} == {
        "alerts": dg.DefaultSensorStatus.STOPPED,
        "loaders": dg.DefaultSensorStatus.STOPPED,
        "models_on_landing": dg.DefaultSensorStatus.STOPPED,
    }


def test_every_job_of_a_raw_table_or_a_model_waits_in_a_pool(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    keys = [key for key in graph.materializable_asset_keys if key.path[0] not in ("kafka",)]
    poolless = [key for key in keys if not graph.get(key).pools]
    assert poolless == []


def test_models_are_built_while_parts_merge(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    merging = set(defs.resolve_job_def("merge_parts").asset_layer.executable_asset_keys)
    assert AssetKey(["maintenance", "merged_parts"]) in merging
    assert {pool for key in merging for pool in graph.get(key).pools or ()} == {"quality"}


def test_every_raw_table_and_every_model_has_a_freshness_policy_and_a_volume_check(
    defs: dg.Definitions, specs: Specs
) -> None:
    models = {path.stem for path in (PROJECT_DIR / "models").rglob("*.sql")}
    made = [key for key in specs if key.path[-1] in models or key.path[0] == "raw"]
    assert [key for key in made if specs[key].freshness_policy is None] == []
    counted = {key.asset_key.path[-1] for key in defs.resolve_asset_graph().asset_check_keys if key.name == "volume"}
    assert {raw_key(stream).path[-1] for stream in STREAMS} <= counted
    # A dictionary or a view has the rows of the models that it reads.
    texts = {path.stem: path.read_text() for path in (PROJECT_DIR / "models").rglob("*.sql")}
    uncounted = {key.path[-1] for key in made if key.path[0] == "marts"} - counted
    assert {name for name in uncounted if "_lookup" not in name and "materialized='view'" not in texts[name]} == set()
    assert {name for name in counted & texts.keys() if "materialized='view'" in texts[name]} == set()


def test_every_exposure_of_dbt_ends_the_graph(specs: Specs) -> None:
    exposures = yaml.safe_load((PROJECT_DIR / "models" / "marts" / "_exposures.yml").read_text())["exposures"]
    shown = {key.path[-1]: spec for key, spec in specs.items() if key.path[0] == "dashboards"}
    assert set(shown) == {exposure["name"] for exposure in exposures}
    for exposure in exposures:
        assert len(list(shown[exposure["name"]].deps)) == len(exposure["depends_on"])
        assert topic_key("events") in upstream(shown[exposure["name"]].key, specs)


def test_the_columns_of_a_model_are_shown_with_their_descriptions(specs: Specs) -> None:
    schema = specs[AssetKey(["marts", "fct_events"])].metadata["dagster/column_schema"]
    columns = {column.name: column.description for column in schema.columns}
    assert columns["occurred_at"]


def test_a_backfill_of_many_days_takes_a_week_at_a_time(defs: dg.Definitions) -> None:
    days = defs.resolve_asset_graph().get(AssetKey(["models", "days"]))
    assert days.backfill_policy == dg.BackfillPolicy.multi_run(7)


def test_the_tests_of_a_model_are_its_checks(defs: dg.Definitions) -> None:
    checked = {key.asset_key for key in defs.resolve_asset_graph().asset_check_keys}
    assert {AssetKey(["marts", "fct_events"]), AssetKey(["raw", "events"])} <= checked


def test_what_asks_for_minute_fresh_numbers_is_built_with_all_that_it_reads(defs: dg.Definitions, specs: Specs) -> None:
    built = set(defs.resolve_job_def("models_minute").asset_layer.executable_asset_keys)
    facts = AssetKey(["marts", "fct_events"])
    assert facts in built
    assert {key for key in upstream(facts, specs) if key.path[0] not in ("kafka", "raw")} <= built


def test_each_test_of_several_models_is_a_check(defs: dg.Definitions) -> None:
    tests = {path.stem for path in (PROJECT_DIR / "tests" / "dbt" / "singular").rglob("*.sql")}
    assert tests <= {key.name for key in defs.resolve_asset_graph().asset_check_keys}


@pytest.mark.parametrize("job", ["models_minute", "models_hourly"])
def test_what_looks_through_all_of_history_waits_for_the_night(defs: dg.Definitions, job: str) -> None:
    nightly, frequent = (defs.resolve_job_def(name).asset_layer for name in ("models_nightly", job))
    lateness = AssetKey(["marts", "event_lateness"])
    assert lateness in set(nightly.executable_asset_keys) - set(frequent.executable_asset_keys)
    checks = {key.name for data in frequent.data for key in data.assets_def.check_keys}
    assert "assert_every_event_of_someone_has_a_person" in checks
    assert "assert_no_session_has_a_silence_longer_than_the_gap" not in checks
