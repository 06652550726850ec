"""A run reads the standing rows of versioned models, and its SQL means what it means to a reader of their views."""

import pytest

from tests.macros.harness import Macros, execute, query

MACROS = Macros()
MACROS.define("""
{% macro rows_behind_views() %}{{ return({
    '`default`.`visits`': '(select * except (run, closed) from `default`.`visits_data` where closed = 0)',
}) }}{% endmacro %}
""")


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("select visits.person as person from `default`.`visits` order by person", id="named by the model"),
        pytest.param(
            "select v.person as person\nfrom `default`.`visits`\n    as v order by person", id="named otherwise"
        ),
        pytest.param(
            "select person from (select 'ann' as person) as one inner JOIN `default`.`visits` using (person)"
            " union all select 'bob'",
            id="joined",
        ),
        pytest.param(
            "select arrayJoin(['ann', 'bob', 'eve']) as person"
            " where person in (select person from `default`.`visits`) order by person",
            id="a set",
        ),
        pytest.param("select v.person as person from `default`.`visits` v order by person", id="named without a word"),
        pytest.param(
            "select visits.person as person"
            " from (select arrayJoin(['ann', 'bob']) as person) as one, `default`.`visits`"
            " where one.person = visits.person",
            id="after a comma",
        ),
        pytest.param(
            "select other.person as person from `default`.`visits`, (select arrayJoin(['ann', 'bob']) as person) other"
            " where visits.person = other.person",
            id="before a comma",
        ),
        pytest.param("select visits.person as person from `default`.`visits`-- all\n", id="before a remark"),
        pytest.param(
            "select v.person as person from /* all */ `default`.`visits` -- of them\nas v", id="among remarks"
        ),
        pytest.param("select `default`.`visits`.person as person from `default`.`visits`", id="named in full"),
        pytest.param(
            "select person from `default`.`visits_data` as visits where closed = 0 order by person", id="its own table"
        ),
    ],
)
def test_standing_rows_take_the_place_of_a_view(sql: str) -> None:
    execute("drop table if exists default.visits_data")
    execute("create table default.visits_data (person String, run UInt64, closed UInt64) engine = Memory")
    execute("insert into default.visits_data values ('ann', 1, 0), ('bob', 1, 0), ('eve', 1, 2)")
    asked = MACROS.call("of_standing_rows", sql)
    assert "`default`.`visits`" not in asked
    assert sorted(row["person"] for row in query(asked)) == ["ann", "bob"]
