"""Renders the project's macros without a warehouse and runs their SQL on in-process ClickHouse.

Macros run in dbt's own Jinja environment, with what they use of dbt's context (`return`, `var`, `ref`, `exceptions`,
`modules`, …). `ref('fct_events')` is a table of the same name here, with fct_events' columns.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import chdb
import yaml
from dbt.context.base import get_context_modules
from dbt_common.clients.jinja import get_environment
from dbt_common.exceptions import CompilationError
from dbt_common.exceptions.macros import MacroReturn

PROJECT_DIR = Path(__file__).resolve().parents[2]
PREFIX = "dbt_macro__"
# The engine's inference would turn a text that looks like a time into one, and back into another text.
AS_LANDED = "input_format_try_infer_dates = 0, input_format_try_infer_datetimes = 0"

# As models/marts/identity/person_lookup.sql. Persons of tests have names, not hashes.
LOOKUPS = {
    "person_lookup": ("identifier_key UInt64, person UInt128", "primary key identifier_key layout(hashed())"),
    "person_segment_lookup": (
        "identifier_key UInt64, valid_from DateTime64(3, 'UTC'), valid_through DateTime64(3, 'UTC'), person UInt128",
        "primary key identifier_key layout(range_hashed()) range(min valid_from max valid_through)",
    ),
    "person_names": ("person UInt64, name String", "primary key person layout(hashed())"),
}

# As models/marts/sessions/int_sessions_aggregated.sql.
SIMULTANEOUS = """
select
    project_id,
    session_id,
    if(uniqExact(occurred_at) < count(), groupUniqArray(identifier_key), []) as simultaneous_keys
from {table}
where session_id != ''
group by project_id, session_id
"""

# Here nothing runs beside readers, so one dictionary does.
ONE_LOOKUP = """
{% macro slot_of_lookup(lookup, dictionary=none) %}{{ return("'" ~ (dictionary or lookup) ~ "'") }}{% endmacro %}
{% macro person_segment_lookup() %}{{ return(ref('person_segment_lookup')) }}{% endmacro %}
{% macro turning_slot(relation, slot) %}{{ return(relation) }}{% endmacro %}
"""
# Here `fct_events` is a table, so nothing stands between a property and its reader.
ONE_TABLE = """
{% macro facts_with(columns, identifiers=none) %}
    (select *{% for alias, sql in columns.items() %}, {{ sql }} as {{ alias }}{% endfor %} from {{ ref('fct_events') }})
{% endmacro %}
"""
# No run builds anything here, so a model is its full SELECT, and the sessions are never behind the events.
NO_RUN = """
{% macro has_unread_events() %}{% endmacro %}
{% macro build_state() %}
    {{- return({'is_building': false, 'is_full': true, 'run': 0, 'last': 0}) -}}
{% endmacro %}
"""
NAMED_PERSONS = """
{% macro person_as_text(person) %}dictGet('person_names', 'name', toUInt64({{ person }})){% endmacro %}
"""

Row = dict[str, Any]


class RaisedByMacroError(Exception):
    """A macro called `exceptions.raise_compiler_error`; the text is its message."""


class Macros:
    """All macros of the project, callable by name. `variables` override those of dbt_project.yml."""

    def __init__(self, variables: Mapping[str, Any] | None = None, *, persons_have_names: bool = True) -> None:
        self._vars = {**project_variables(), **(variables or {})}
        self._macros: dict[str, Callable[..., Any]] = {}
        self._context: dict[str, Any] = {
            "return": _return,
            "var": self._var,
            "ref": lambda *names: names[-1],
            "source": lambda source, name: f"{source}_{name}",
            "exceptions": _Exceptions,
            "modules": get_context_modules(),
            "tojson": _tojson,
            "fromjson": json.loads,
            "dict": dict,
            "execute": True,
            "log": lambda *_, **__: "",
        }
        for path in sorted((PROJECT_DIR / "macros").rglob("*.sql")):
            self._register(path)
        self.define(ONE_LOOKUP)
        self.define(ONE_TABLE)
        self.define(NO_RUN)
        if persons_have_names:
            self.define(NAMED_PERSONS)

    def call(self, macro: str, /, *args: Any, **kwargs: Any) -> Any:
        """What the macro returns or renders; its compiler errors raise `RaisedByMacroError`."""
        try:
            return self._macros[macro](*args, **kwargs)
        except CompilationError as error:
            raise RaisedByMacroError(str(error.msg)) from error

    def render(self, text: str, **context: Any) -> str:
        """A model's or an inline query's text, compiled; `context` adds e.g. `config`."""
        try:
            return str(_environment().from_string(text).render({**self._context, **context}))
        except CompilationError as error:
            raise RaisedByMacroError(str(error.msg)) from error

    def _var(self, name: str, default: Any = None) -> Any:
        return self._vars.get(name, default)

    def define(self, text: str) -> None:
        """Put the macros of a text in place of those of their names."""
        for name in _names_in(text):
            del self._macros[name]
        self._register_template(_environment().from_string(text), _names_in(text), place="a text of a test")

    def _register(self, path: Path) -> None:
        self._register_template(_template(path, path.stat().st_mtime_ns), _macro_names(path), place=str(path))

    def _register_template(self, template: Any, names: Iterable[str], *, place: str) -> None:
        modules: list[Any] = []

        def macro(name: str) -> Callable[..., Any]:
            def call(*args: Any, **kwargs: Any) -> Any:
                if not modules:  # made at the first call: by then the context holds every macro
                    modules.append(template.make_module(vars=self._context, shared=False))
                try:
                    return modules[0].__dict__[PREFIX + name](*args, **kwargs)
                except MacroReturn as returned:
                    return returned.value

            return call

        for name in names:
            if name in self._macros:
                raise ValueError(f"{place}: macro {name} is defined twice")
            self._macros[name] = self._context[name] = macro(name)


@functools.cache
def project_variables() -> dict[str, Any]:
    """`vars:` of dbt_project.yml."""
    project = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text())
    return dict(project["vars"])


@functools.cache
def planned_properties() -> list[dict[str, str]]:
    """The planned properties as models read them: property, column, type."""
    return list(Macros().call("planned_properties"))


@functools.cache
def connection() -> Any:
    """The one engine of this process."""
    return chdb.connect(":memory:")


def execute(sql: str) -> None:
    connection().query(sql, "Null")


def query(sql: str) -> list[Row]:
    """The rows of a query; 64-bit integers are Python integers, times are texts."""
    answer = connection().query(f"select * from (\n{sql}\n)", "JSON")
    return list(json.loads(answer.bytes() if hasattr(answer, "bytes") else answer.data())["data"])


def create_events(rows: Iterable[Mapping[str, Any]], table: str = "fct_events") -> None:
    """(Re)make a table with fct_events' columns; columns that a row does not name are empty.

    `properties` are given as a mapping; planned columns are filled from them, as the model does. A row may name its
    `identifier`, by default the person's own; the look-ups are made anew to say whose each is, and since when, and
    `int_sessions_aggregated` is to say which sessions have events at one time.
    """
    completed = [_completed(row) for row in rows]
    execute(f"drop table if exists {table}")
    execute(
        f"create table {table} ({events_columns()}) engine = MergeTree order by (project_id, person_id, occurred_at)"
    )
    _insert(table, create_lookup(completed))
    execute("drop table if exists int_sessions_aggregated")
    execute(f"create table int_sessions_aggregated engine = Memory as {SIMULTANEOUS.format(table=table)}")


def create_lookup(rows: list[Row]) -> list[Row]:
    """(Re)make the dictionaries of identifiers' persons from events; the events with their identifiers' keys."""
    keys: dict[tuple[str, str], int] = {}
    persons: dict[int, list[tuple[str, str]]] = {}
    keyed = []
    for row in sorted(rows, key=lambda row: str(row.get("occurred_at", ""))):
        identifier = row.pop("identifier", row.get("person_id", ""))
        if identifier == "":
            keyed.append(row)
            continue
        key = keys.setdefault((row["project_id"], identifier), len(keys) + 1)
        owners = persons.setdefault(key, [])
        if not owners or owners[-1][1] != row["person_id"]:
            owners.append((str(row["occurred_at"]) if owners else "1970-01-01 00:00:00", row["person_id"]))
        keyed.append({**row, "identifier_key": key})
    projects = {key: project for (project, _), key in keys.items()}
    # A person is of one project, as in the model.
    names = sorted({(projects[key], person) for key, owners in persons.items() for _, person in owners})
    numbers = {name: number for number, name in enumerate(names, 1)}
    _fill_lookup("person_names", [{"person": number, "name": name} for (_, name), number in numbers.items()])
    _fill_lookup(
        "person_lookup",
        [
            {"identifier_key": key, "person": numbers[projects[key], owners[0][1]]}
            for key, owners in persons.items()
            if len(owners) == 1
        ],
    )
    _fill_lookup(
        "person_segment_lookup",
        [
            {
                "identifier_key": key,
                "valid_from": since,
                "valid_through": _before(until),
                "person": numbers[projects[key], person],
            }
            for key, owners in persons.items()
            if len(owners) > 1
            for (since, person), (until, _) in pairwise([*owners, ("2106-01-01 00:00:00", "")])
        ],
    )
    return keyed


def create_persons(rows: Iterable[Mapping[str, Any]], table: str = "dim_persons") -> None:
    """(Re)make dim_persons: project_id, person_id, properties."""
    execute(f"drop table if exists {table}")
    execute(f"create table {table} (project_id String, person_id String, properties JSON) engine = Memory")
    _insert(table, [dict(row) for row in rows])


def events_columns() -> str:
    """The columns of fct_events that macros may name."""
    planned = [f"{one['column']} {one['type']}" for one in planned_properties()]
    return ", ".join(
        [
            "project_id LowCardinality(String) default 'default'",
            "event_id String",
            "event LowCardinality(String)",
            "occurred_at DateTime64(3, 'UTC')",
            "received_at DateTime64(3, 'UTC')",
            "device_id String",
            "user_id String",
            "distinct_id String",
            "identifier_key UInt64",
            "person_id String",
            "session_id String",
            "client_session_id String",
            "is_bot Bool",
            "properties JSON",
            *planned,
        ]
    )


def _completed(row: Mapping[str, Any]) -> Row:
    properties = row.get("properties", {})
    planned: Row = {}
    for one in planned_properties():
        value = properties.get(one["property"])
        if "Float" in one["type"]:
            planned[one["column"]] = value if isinstance(value, int | float) else None
        else:
            planned[one["column"]] = "" if value is None else value if isinstance(value, str) else json.dumps(value)
    return {"project_id": "default", **planned, **row}


def _fill_lookup(name: str, rows: list[Row]) -> None:
    columns, layout = LOOKUPS[name]
    execute(f"drop dictionary if exists {name}")
    execute(f"drop table if exists {name}_rows")
    execute(f"create table {name}_rows ({columns}) engine = Memory")
    _insert(f"{name}_rows", rows)
    execute(f"create dictionary {name} ({columns}) {layout} lifetime(0) source(clickhouse(table '{name}_rows'))")


def _before(time: str) -> str:
    """The millisecond before."""
    return (datetime.fromisoformat(time) - timedelta(milliseconds=1)).isoformat(sep=" ", timespec="milliseconds")


def _insert(table: str, rows: list[Row]) -> None:
    for start in range(0, len(rows), 50_000):
        lines = "\n".join(json.dumps(row) for row in rows[start : start + 50_000])
        execute(f"insert into {table} settings {AS_LANDED} format JSONEachRow\n{lines}")


class _Exceptions:
    @staticmethod
    def raise_compiler_error(message: str, node: object = None) -> None:
        raise CompilationError(message)


def _return(value: object = None) -> None:
    raise MacroReturn(value)


def _tojson(value: object, default: object = None, sort_keys: bool = False) -> object:
    try:
        return json.dumps(value, sort_keys=sort_keys)
    except ValueError:
        return default
    except TypeError:
        return default


@functools.cache
def _environment() -> Any:
    return get_environment(None, capture_macros=False)


@functools.cache
def _template(path: Path, _modified: int) -> Any:
    return _environment().from_string(path.read_text())


@functools.cache
def _macro_names(path: Path) -> tuple[str, ...]:
    return _names_in(path.read_text())


def _names_in(text: str) -> tuple[str, ...]:
    module = _environment().parse(text)
    from jinja2 import nodes

    return tuple(node.name.removeprefix(PREFIX) for node in module.find_all(nodes.Macro))
