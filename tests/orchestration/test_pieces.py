"""What runs ask of dbt and tell of it, without Dagster."""

import os
from pathlib import Path

import dagster as dg
import psutil
import pytest

from loaders.settings import Settings
from loaders.summary import LoadSummary
from orchestration.lib.backups import BackupMisconfiguredError, BackupSettings, place
from orchestration.lib.dbt_build import BackfillConfig, BuildConfig, backfill_args, build_args
from orchestration.lib.expectations.finding import Finding, as_markdown
from orchestration.lib.expectations.validation import connection_url
from orchestration.lib.holders import has_ended, name_of
from orchestration.lib.jobs import scheduled_job
from orchestration.lib.launcher import lives
from orchestration.lib.loads import table_metadata
from orchestration.lib.manifest import UnparsableProjectError, is_stale, prepared_project
from orchestration.lib.quick_dbt import QuickDbt
from orchestration.lib.translator import group_of, owners_of
from orchestration.lib.volume import judge


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        pytest.param(BuildConfig(), ["build"], id="a plain build has no flags"),
        pytest.param(BuildConfig(full_refresh=True), ["build", "--full-refresh"], id="a rebuild says so"),
        pytest.param(
            BuildConfig(variables={"timezone": "Asia/Tokyo"}),
            ["build", "--vars", '{"timezone": "Asia/Tokyo"}'],
            id="variables come as JSON",
        ),
    ],
)
def test_the_launchpad_becomes_dbt_arguments(config: BuildConfig, expected: list[str]) -> None:
    assert build_args(config) == expected


def test_a_backfill_tells_dbt_its_days_and_its_models() -> None:
    assert backfill_args(BackfillConfig(select="fct_events+ tag:minute"), first="2026-01-01", last="2026-01-07") == [
        "build", "--select", "fct_events+", "tag:minute",
        "--vars", '{"backfill_start": "2026-01-01", "backfill_end": "2026-01-07"}',
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "before", "wrong"),
    [
        pytest.param(None, None, "not built yet", id="a new model"),
        pytest.param(None, 5, "gone: there were 5 rows", id="a model that is gone"),
        pytest.param(0, None, "", id="a first look at an empty model"),
        pytest.param(50, 100, "", id="half of the rows"),
        pytest.param(49, 100, "49 rows, and 100 at the last look", id="less than half of the rows"),
        pytest.param(900, 100, "", id="more rows"),
    ],
)
def test_a_model_that_lost_more_than_half_of_its_rows_is_a_surprise(
    rows: int | None, before: int | None, wrong: str
) -> None:
    assert judge(rows, before) == wrong


@pytest.mark.parametrize("to", ["", "File('same')", "drop database raw -- {name}"])
def test_a_backup_goes_to_a_place_or_nowhere(to: str) -> None:
    with pytest.raises(BackupMisconfiguredError, match="THROUGHLINE_BACKUP_TO"):
        place(BackupSettings(throughline_backup_to=to), "raw-1")


def test_a_process_lives_only_as_the_one_that_it_was() -> None:
    process = psutil.Process()
    assert lives(process.pid, at=process.create_time() + 1)
    assert not lives(process.pid, at=process.create_time() - 1)


def test_a_run_that_is_over_gives_up_its_lock_and_that_of_another_instance_does_not(tmp_path: Path) -> None:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        ended = has_ended(instance)
        job = dg.Definitions(jobs=[nothing]).get_repository_def().get_job("nothing")
        run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
        assert not ended(name_of(run.run_id))
        instance.report_run_failed(run)
        assert ended(name_of(run.run_id))
        assert not ended("run of another Dagster")


@dg.job
def nothing() -> None: ...


def test_a_run_does_not_load_dbt_twice() -> None:
    """It would ask dbt for its version in a process of its own, and set up an adapter that nothing uses."""
    quick = QuickDbt.of(prepared_project())
    assert quick._cli_version.release[:2] == (1, 11)
    assert quick._initialize_dbt_core_adapter([]) is None


@pytest.mark.parametrize(
    ("path", "group"),
    [
        pytest.param("models/staging/raw/stg_raw__events.sql", "staging", id="staging is one group"),
        pytest.param("models/marts/funnels/funnel_purchase.sql", "funnels", id="a mart's folder is its group"),
        pytest.param("models/marts/lonely.sql", "marts", id="a mart without a folder is of the marts"),
        pytest.param("seeds/bots.csv", "seeds", id="seeds are a group"),
    ],
)
def test_the_folder_of_a_model_is_its_group(path: str, group: str) -> None:
    assert group_of(path) == group


@pytest.mark.parametrize(
    ("meta", "owner"),
    [
        pytest.param({}, "team:analytics", id="nobody named is the analytics team"),
        pytest.param({"owner": "ada@example.org"}, "ada@example.org", id="a person is named by e-mail"),
        pytest.param({"owner": "growth"}, "team:growth", id="a bare name is a team"),
    ],
)
def test_the_owner_stands_in_the_meta_of_a_model(meta: dict[str, str], owner: str) -> None:
    assert owners_of({"meta": {}, "config": {"meta": meta}}) == [owner]


def test_each_raw_table_is_told_what_its_own_topics_brought() -> None:
    settings = Settings(throughline_topics_events="^shop-", throughline_topics_people="crm")
    summary = LoadSummary(37, 30, 7, 2.0, {"shop-web": (10, 1), "shop-app": (15, 2), "crm": (5, 4)})
    assert table_metadata("events", summary, settings) == {
        "consumed": 28, "usable": 25, "sidelined": 3, "seconds": 2.0,
    }  # fmt: skip
    assert table_metadata("identities", summary, settings)["consumed"] == 0
    assert table_metadata("sideline", summary, settings)["sidelined"] == 7


def test_a_finding_that_failed_shows_the_query_for_its_rows() -> None:
    shown = as_markdown([Finding("Good.", True, "0 rows", "select 1"), Finding("Bad.", False, "a|b", "select 2")])
    assert "| ✗ | Bad. | a\\|b |" in shown
    assert "select 2" in shown
    assert "select 1" not in shown


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param(
            "http://ch:8124", "clickhousedb://loader:p%40ss@ch:8124/raw?interface=http", id="http with a port"
        ),
        pytest.param("https://ch", "clickhousedb://loader:p%40ss@ch:8443/raw?interface=https", id="https without one"),
    ],
)
def test_sqlalchemy_gets_the_loaders_connection(url: str, expected: str) -> None:
    settings = Settings(clickhouse_url=url, clickhouse_loader_user="loader", clickhouse_loader_password="p@ss")
    assert connection_url(settings).render_as_string(hide_password=False) == expected


def test_a_manifest_is_old_when_a_file_of_the_project_is_newer(tmp_path: Path) -> None:
    model, manifest = tmp_path / "models" / "a.sql", tmp_path / "manifest.json"
    assert is_stale(manifest, tmp_path)
    model.parent.mkdir()
    for path in (model, manifest):
        path.touch()
    for path in (model, model.parent):
        os.utime(path, (1, 1))
    assert not is_stale(manifest, tmp_path)
    os.utime(model, (2e9, 2e9))
    assert is_stale(manifest, tmp_path)


def test_what_was_parsed_for_another_warehouse_is_parsed_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """dbt would do so itself, in each run: to it the profile has changed."""
    parsed: list[str] = []

    def parse(folder: Path) -> None:
        parsed.append(os.environ["THROUGHLINE_SCHEMA_SUFFIX"])
        (folder / "target" / "dagster" / "manifest.json").write_text("{}")

    monkeypatch.setattr("orchestration.lib.manifest._parse", parse)
    (tmp_path / "dbt_project.yml").write_text("name: project\nprofile: none\nversion: '1'\n")
    for suffix in ("_a", "_a", "_b", "_b"):
        monkeypatch.setenv("THROUGHLINE_SCHEMA_SUFFIX", suffix)
        prepared_project(tmp_path)
    assert parsed == ["_a", "_b"]


def test_a_project_that_does_not_parse_says_so_and_how_to_see_it(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: broken\nprofile: none\nversion: '1'\nmodel-paths: 7\n")
    with pytest.raises(UnparsableProjectError, match="throughline dbt parse"):
        prepared_project(tmp_path)


def test_a_tick_beside_an_unfinished_run_is_skipped(tmp_path: Path) -> None:
    @dg.asset
    def something() -> None: ...

    schedule = scheduled_job(
        "work", dg.AssetSelection.assets(something), cron="* * * * *", description="-", schedule_description="-"
    )
    repository = dg.Definitions([something], schedules=[schedule]).get_repository_def()
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:

        def tick() -> list[dg.RunRequest]:
            context = dg.build_schedule_context(instance, repository_def=repository)
            return list(schedule.evaluate_tick(context).run_requests or [])

        assert len(tick()) == 1
        run = instance.create_run_for_job(repository.get_job("work"), status=dg.DagsterRunStatus.STARTED)
        assert tick() == []
        instance.report_run_canceled(run)
        assert len(tick()) == 1
