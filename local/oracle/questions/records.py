"""Is every produced record there once, usable or sidelined?"""

from local.oracle.comparison import Check, different_cells
from local.oracle.evidence import Evidence


def all_records_landed_once(evidence: Evidence, stream: str) -> Check:
    """Produced = in Kafka = landed = usable + sidelined, and of each class of unusable ones as many as were made."""
    counts = evidence.truth.counts[stream]
    landed = {
        str(error_class): int(rows)
        for error_class, rows in evidence.warehouse.rows(
            f"select error_class, count() from {{raw}}.{stream} where lane = 'live' group by error_class"
        )
    }
    [(sidelined,)] = evidence.warehouse.rows(f"select count() from {{raw}}.sideline where stream = '{stream}'")
    expected = {
        "in Kafka": counts.records,
        "landed": counts.records,
        "usable": counts.clean + counts.duplicates,
        "sidelined": counts.sidelined,
        **{f"sidelined as {error_class}": number for error_class, number in counts.unusable.items()},
    }
    actual = {
        "in Kafka": evidence.in_kafka[stream],
        "landed": sum(landed.values()),
        "usable": landed.pop("", 0),
        "sidelined": sidelined,
        **{f"sidelined as {error_class}": number for error_class, number in landed.items()},
    }
    name = f"{stream} landed: usable {expected['usable']:,} + sidelined {counts.sidelined:,}"
    return Check(name, counts.records, "records", different_cells(expected, actual))
