"""The same questions to DuckDB and Polars, over a Parquet file of the events with their persons looked up already.

    .venv/bin/python bench/behaviour/outside.py duckdb|polars funnel|retention|active_users FILE

Prints the answer and its peak memory as JSON. A process for each question, so that its CPU
and memory are its own.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

STEPS = ("view_item", "add_to_cart", "begin_checkout", "purchase")
THREADS, MEMORY = 2, "6GB"
Answer = list[list[Any]]


def duckdb_answer(question: str, file: Path) -> Answer:
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"set threads = {THREADS}; set memory_limit = '{MEMORY}'; set timezone = 'UTC'")
    connection.execute(f"set temp_directory = '{file.parent / 'duckdb'}'")
    connection.execute(f"create view events as select * from read_parquet('{file}')")
    return [list(row) for row in connection.execute(DUCKDB[question]).fetchall()]


def polars_answer(question: str, file: Path) -> Answer:
    import polars

    return POLARS[question](polars, polars.scan_parquet(file))


def _next_step(number: int) -> str:
    return f"""
    starts_{number} as (
        select starts.*, later.occurred_at as at_{number}
        from starts_{number - 1} as starts
        asof left join (select * from events where event = '{STEPS[number - 1]}') as later
            on starts.person_id = later.person_id and starts.at_{number - 1} <= later.occurred_at
    )"""


_REACHED = " + ".join(f"coalesce(at_{n} <= at_1 + interval 7 day, false)::int" for n in (2, 3, 4))

DUCKDB = {
    "funnel": f"""
        with
            starts_1 as (
                select person_id, occurred_at as at_1 from events where event = '{STEPS[0]}'
            ),
            {",".join(_next_step(number) for number in (2, 3, 4))},
            levels as (
                select person_id, max(1 + {_REACHED}) as level from starts_4 group by person_id
            )
        select step, (select count(*) from levels where level >= step) from range(1, 5) as steps(step) order by step
    """,
    "retention": """
        with
            activity as (
                select distinct person_id, date_trunc('week', occurred_at)::date as week from events
            ),
            cohorts as (
                select person_id, min(week) as cohort from activity group by person_id
            )
        select cohort::varchar, (week - cohort) // 7 as period_number, count(*)
        from activity inner join cohorts using (person_id)
        where period_number < 13
        group by all
        order by all
    """,
    "active_users": """
        with
            activity as (
                select distinct person_id, occurred_at::date as day from events
            ),
            windows as (
                select person_id, day, unnest(range(28))::int as later from activity
            )
        select
            (day + later)::varchar as shown,
            count(distinct person_id) filter (later < 1),
            count(distinct person_id) filter (later < 7),
            count(distinct person_id)
        from windows
        where day + later <= (select max(day) from activity)
        group by shown
        order by shown
    """,
}


def _polars_funnel(polars: Any, events: Any) -> Answer:
    of = {step: events.filter(polars.col("event") == step).select("person_id", "occurred_at") for step in STEPS}
    found = of[STEPS[0]].rename({"occurred_at": "at_1"}).sort("at_1")
    for number, step in enumerate(STEPS[1:], start=2):
        later = of[step].rename({"occurred_at": f"at_{number}"}).sort(f"at_{number}")
        # Who reached no step before is matched with nothing; the join wants its key sorted.
        found = found.sort(f"at_{number - 1}").join_asof(
            later, left_on=f"at_{number - 1}", right_on=f"at_{number}", by="person_id", strategy="forward"
        )
    in_window = [
        (polars.col(f"at_{number}") <= polars.col("at_1") + polars.duration(days=7)).fill_null(value=False).cast(int)
        for number in (2, 3, 4)
    ]
    levels = (
        found.with_columns(level=1 + sum(in_window))
        .group_by("person_id")
        .agg(polars.col("level").max())
        .select("level")
        .collect()
    )
    return [[step, int((levels["level"] >= step).sum())] for step in range(1, 5)]


def _polars_retention(polars: Any, events: Any) -> Answer:
    week = polars.col("occurred_at").dt.truncate("1w").dt.date()
    activity = events.select("person_id", week=week).unique()
    cohorts = activity.group_by("person_id").agg(cohort=polars.col("week").min())
    number = ((polars.col("week") - polars.col("cohort")).dt.total_days() // 7).alias("period_number")
    cells = (
        activity.join(cohorts, on="person_id")
        .with_columns(number)
        .filter(polars.col("period_number") < 13)
        .group_by("cohort", "period_number")
        .len()
        .sort("cohort", "period_number")
        .collect()
    )
    return [[str(cohort), int(number), int(count)] for cohort, number, count in cells.rows()]


def _polars_active_users(polars: Any, events: Any) -> Answer:
    activity = events.select("person_id", day=polars.col("occurred_at").dt.date()).unique().collect()
    last = activity["day"].max()
    counts = []
    for window in (1, 7, 28):
        shown = activity.lazy().with_columns(later=polars.int_ranges(window)).explode("later")
        counts.append(
            shown.with_columns(shown=polars.col("day") + polars.duration(days=polars.col("later")))
            .filter(polars.col("shown") <= last)
            .group_by("shown")
            .agg(polars.col("person_id").n_unique().alias(f"active_{window}d"))
        )
    joined = counts[2].join(counts[1], on="shown", how="left").join(counts[0], on="shown", how="left")
    days = joined.sort("shown").collect().fill_null(0)
    return [
        [str(row["shown"]), row["active_1d"], row["active_7d"], row["active_28d"]] for row in days.iter_rows(named=True)
    ]


POLARS: dict[str, Callable[[Any, Any], Answer]] = {
    "funnel": _polars_funnel,
    "retention": _polars_retention,
    "active_users": _polars_active_users,
}


if __name__ == "__main__":
    engine, asked, path = sys.argv[1:4]
    answers = {"duckdb": duckdb_answer, "polars": polars_answer}
    answer = answers[engine](asked, Path(path))
    # Of this program alone: what the kernel tells a parent counts the parent's own memory as well.
    peak_kb = next(
        int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    print(json.dumps({"answer": answer, "peak_mb": peak_kb / 1e3}))
