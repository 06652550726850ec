"""What models use of dbt's Jinja context, for sqlfluff's own: so that linting needs neither dbt nor a warehouse.

sqlfluff (`library_path` in `.sqlfluff`) puts every name of this module into the context of the models it renders. A
call of a macro renders `(select 1)`, which is good grammar as a query, as a relation and as a value, and is no argument
where it stands for some (`**purchase_funnel()`). Settings are a list of their own grammar.
"""

import re as _re
from pathlib import Path as _Path
from typing import Any as _Any

import yaml as _yaml

_PROJECT = _Path(__file__).resolve().parents[3]
_VARS: dict[str, _Any] = _yaml.safe_load((_PROJECT / "dbt_project.yml").read_text())["vars"]
_MACRO = _re.compile(r"{%-?\s*macro\s+(\w+)\s*\(")

execute = False


def var(name: str, default: _Any = None) -> _Any:
    return _VARS.get(name, default)


class _Query(str):
    def keys(self) -> tuple[str, ...]:
        return ()


def _some_query(*_: _Any, **__: _Any) -> str:
    return _Query("(select 1)")


for _file in (_PROJECT / "macros").rglob("*.sql"):
    for _name in _MACRO.findall(_file.read_text()):
        globals()[_name] = _some_query


def setting_list(_: _Any) -> str:
    return "max_threads = 1"
