"""What is made of the plan: the macro that models read, and the columns' entries in the models' YAML."""

import json

from local.plan.plan import Plan, PlannedColumn

BEGIN = "# Made by `throughline plan sync` of seeds/tracking_plan.csv:"
END = "# End of what is made."
# Said in the first line of what is made of the conversions.
CONVERSIONS = "conversions"


def macro(plan: Plan) -> str:
    """macros/staging/tracking_plan.sql: dbt cannot read a seed while it compiles."""
    properties = [
        f"            {{'property': {_quoted(one.path)}, 'column': '{one.column}', 'type': {_quoted(one.type)}}},"
        for one in plan.columns
    ]
    renamed = [f"            {_quoted(old)}: {_quoted(new)}," for old, new in plan.renamed.items()]
    flags = [f"            {_quoted(event)}: '{flag}'," for event, flag in plan.conversions.items()]
    return "\n".join(
        [
            "{# Made by `throughline plan sync` of seeds/tracking_plan.csv: change it there. #}",
            "{% macro tracking_plan() -%}",
            "    {{- return({",
            "        'properties': [",
            *properties,
            "        ],",
            "        'renamed_events': {",
            *renamed,
            "        },",
            "        'conversions': {",
            *flags,
            "        },",
            "    }) -}}",
            "{%- endmacro %}",
            "",
        ]
    )


def columns(plan: Plan, *, indent: str, tested: bool) -> str:
    """The entries of all planned columns in a model's YAML; `tested` ones have their data tests too."""
    return "".join(_entry(one, indent, tested) for one in plan.columns)


def conversions(plan: Plan, *, indent: str) -> str:
    """The entries of the columns that say which conversions a session has."""
    return "".join(
        f"{indent}- name: {flag}\n"
        f"{indent}  description: {_yaml(f'1 where the session has an event `{event}`.')}\n"
        f"{indent}  data_type: UInt8\n"
        for event, flag in plan.conversions.items()
    )


def _entry(one: PlannedColumn, indent: str, tested: bool) -> str:
    line = one.lines[0]
    meta = {
        "property": one.path, "events": one.events, "owner": line.owner, "status": line.status, "pii": line.pii,
        "since": line.since,
    }  # fmt: skip
    rows = [
        f"- name: {one.column}",
        f"  description: {_yaml(line.description)}",
        f"  data_type: {_yaml(one.type)}",
        "  config:",
        "    meta:",
        *(f"      {key}: {_yaml(value)}" for key, value in meta.items() if key != "events"),
        "      events:",
        *(f"        - {_yaml(event)}" for event in one.events),
    ]
    if tested:
        rows += ["  data_tests: [fits_the_plan]"]
    return "".join(f"{indent}{row}\n" for row in rows)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _yaml(value: object) -> str:
    # Jinja reads descriptions, and a brace of the plan is a brace.
    text = str(value).replace("{", "(").replace("}", ")") if "{" in str(value) else str(value)
    return "'" + " ".join(text.split()).replace("'", "''") + "'"
