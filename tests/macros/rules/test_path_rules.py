"""The rules of `paths`, each by its name."""

from tests.macros.rules.story import seen, told

EDGES = "source_node target_node transitions"


def edges(**named: object) -> list[tuple[object, ...]]:
    return told("paths", cells=EDGES, **named)


def test_a_session_is_a_sequence_of_its_own() -> None:
    seen("ann a 10:00 session=s", "ann b 10:01 session=s", "ann c 10:02 session=t", "ann d 10:03")
    assert edges() == [("1 a", "2 b", 1)]


def test_a_person_is_one_sequence() -> None:
    seen("ann a 10:00 session=s", "ann b 10:01 session=t")
    assert edges(per="person") == [("1 a", "2 b", 1)]


def test_a_gap_cuts_after_more_than_so_long() -> None:
    seen("ann a 10:00", "ann b 10:30", "ann c 11:00:00.001", "ann d 11:01")
    assert edges(per="30 minutes") == [("1 a", "2 b", 1), ("1 c", "2 d", 1)]


def test_a_sequence_begins_at_the_first_start_event() -> None:
    seen("ann a 10:00", "ann b 10:01", "ann c 10:02", "ann b 10:03", "bob a 10:00", "bob c 10:01")
    assert edges(per="person", start_event="b") == [("1 b", "2 c", 1), ("2 c", "3 b", 1)]


def test_a_sequence_ends_at_the_first_end_event_after_it() -> None:
    seen("ann b 10:00", "ann a 10:01", "ann c 10:02", "ann b 10:03", "ann d 10:04", "ann b 10:05")
    assert edges(per="person", start_event="a", end_event="b") == [("1 a", "2 c", 1), ("2 c", "3 b", 1)]


def test_with_only_an_end_event_it_is_the_nodes_that_lead_to_the_last_one() -> None:
    seen("ann a 10:00", "ann b 10:01", "ann c 10:02", "ann b 10:03", "ann d 10:04")
    assert edges(per="person", end_event="b", depth=3) == [("1 b", "2 c", 1), ("2 c", "3 b", 1)]


def test_depth_counts_nodes() -> None:
    seen("ann a 10:00", "ann b 10:01", "ann c 10:02")
    assert edges(per="person", depth=2) == [("1 a", "2 b", 1)]


def test_repeats_in_a_row_are_one_node_unless_asked() -> None:
    seen("ann a 10:00", "ann a 10:01", "ann b 10:02")
    assert edges(per="person") == [("1 a", "2 b", 1)]
    assert edges(per="person", collapse_repeats=False) == [("1 a", "2 a", 1), ("2 a", "3 b", 1)]


def test_an_edge_counts_once_per_sequence_and_step() -> None:
    seen("ann a 10:00 session=s", "ann b 10:01 session=s", "ann a 10:00 session=t", "ann b 10:03 session=t")
    assert told("paths", cells="transitions persons median_seconds") == [(2, 1, 120)]


def test_top_keeps_the_largest_ties_by_name() -> None:
    seen("ann a 10:00", "ann b 10:01", "bob a 10:00", "bob b 10:01", "cleo d 10:00", "cleo e 10:01", "dan c 10:00",
         "dan e 10:01")  # fmt: skip
    assert edges(per="person", top=2) == [("1 a", "2 b", 2), ("1 c", "2 e", 1)]


def test_an_edge_of_fewer_persons_is_not_shown() -> None:
    seen("ann a 10:00 session=s", "ann b 10:01 session=s", "ann a 10:00 session=t", "ann b 10:01 session=t")
    assert edges(min_persons=2) == []


def test_events_that_are_not_included_are_on_no_path() -> None:
    seen("ann a 10:00", "ann x 10:01", "ann b 10:02")
    assert edges(per="person", include=["a", "b"]) == [("1 a", "2 b", 1)]


def test_a_node_may_be_any_expression() -> None:
    seen("ann a 10:00 page=home", "ann b 10:01 page=item")
    assert edges(per="person", step="properties.page") == [("1 home", "2 item", 1)]
