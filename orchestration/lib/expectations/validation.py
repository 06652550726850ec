"""Run suites on the warehouse and say what they found. Importing this imports Great Expectations."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Read by the library at import. What the warehouse holds is nobody else's business.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
from great_expectations.core import ExpectationSuite, ExpectationValidationResult
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.expectations.expectation import Expectation
from great_expectations.render.renderer import ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaPageView
from sqlalchemy.engine import URL, make_url

from loaders.settings import Settings
from orchestration.lib.expectations.finding import Finding


class Validator:
    """An ephemeral context on one warehouse. Of each validation stays its last page of Data Docs, in the folder."""

    def __init__(self, settings: Settings, pages: Path) -> None:
        self._pages = pages
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        self._source = context.data_sources.add_sql(
            name="warehouse",
            connection_string=connection_url(settings).render_as_string(hide_password=False),
            create_temp_table=False,
        )

    def findings(self, name: str, query: str, expectations: list[Expectation]) -> list[Finding]:
        """Hold the expectations against what the query returns. `name` is unique within the context."""
        asset = self._source.add_query_asset(name=name, query=query)
        batch = asset.get_batch(asset.add_batch_definition_whole_table(name).build_batch_request())
        result = batch.validate(ExpectationSuite(name=name, expectations=expectations))
        self._pages.mkdir(parents=True, exist_ok=True)
        document = ValidationResultsPageRenderer().render(result)
        self.page(name).write_text(DefaultJinjaPageView().render(document))  # type: ignore[no-untyped-call]
        return [finding(one, query) for one in result.results]

    def page(self, name: str) -> Path:
        """Where Great Expectations' own page of the validation stands."""
        return self._pages / f"{name}.html"


def connection_url(settings: Settings) -> URL:
    """The loader's connection as SQLAlchemy writes it."""
    url = make_url(settings.clickhouse_url)
    query = {"interface": url.drivername}
    if settings.clickhouse_ca_file:
        query["ca_cert"] = str(settings.clickhouse_ca_file)
    return URL.create(
        "clickhousedb",
        username=settings.clickhouse_loader_user,
        password=settings.clickhouse_loader_password.get_secret_value(),
        host=url.host,
        port=url.port or (8443 if url.drivername == "https" else 8123),
        database=settings.raw_database,
        query=query,
    )


def finding(result: ExpectationValidationResult, query: str) -> Finding:
    """In words. An expectation that could not be evaluated has failed."""
    config = result.expectation_config
    assert config is not None
    look = str(config.kwargs.get("unexpected_rows_query", "")).replace("{batch}", f"({query})")
    name = config.description or f"{config.type} {config.kwargs.get('column', '')}".strip()
    return Finding(name, bool(result.success), _detail(result.result, result.exception_info), look)


def _detail(result: Mapping[str, Any], errors: Mapping[str, Any]) -> str:
    if "unexpected_count" in result:
        examples = [str(example) for example in result.get("partial_unexpected_list", [])[:3]]
        count = f"{result['unexpected_count']} of {result['element_count']} rows"
        return f"{count}, e.g. {', '.join(examples)}" if examples else count
    if "observed_value" in result:
        return f"{result['observed_value']} rows"
    return "; ".join(str(error["exception_message"]).splitlines()[0] for error in errors.values())
