"""Nothing in a policy is converted: a number is no text, one is not true, a moment is no date; suggestions are near."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Literal

import pytest
from pydantic import Field

from tests.unit.transforms.support import policy
from transforms.policy.mistakes import Day, Each, Mistakes, PolicyError, Table, Text, Whole, nearest, verdict
from transforms.policy.policy import Sections
from transforms.policy.read import nested

#: What stands near each type without being it.
NEAR = {bool: (1, 0, "true", None), int: (True, 1.0, "1", None), str: (1, "", None), tuple: ("x", 1, {"a": 1}, None)}


def changed(tables: dict, path: list[str], value: object) -> dict:
    key, *below = path
    return {**tables, key: changed(tables[key], below, value) if below else value}


def test_no_figure_of_any_section_is_converted() -> None:
    tables = nested(policy().figures, {})
    assert verdict(Sections, tables)[1] == []
    for path, figure in policy().figures.items():
        for near in NEAR[type(figure.value)]:
            read, wrong = verdict(Sections, changed(tables, path.split("."), near))
            assert read is None, (path, near)
            assert [m.path for m in wrong] == [path], (path, near)


@dataclass(frozen=True)
class Small(Table):
    day: Day
    n: Whole


@dataclass(frozen=True)
class Large(Table):
    members: Mapping[str, Small]
    small: Small
    name: Text = "x"


@pytest.mark.parametrize("day", ["2026-03-01", datetime(2026, 3, 1, tzinfo=UTC), 20260301, None])
def test_only_a_date_is_a_date(day: object) -> None:
    assert verdict(Small, {"day": date(2026, 3, 1), "n": 1})[0] == Small(date(2026, 3, 1), 1)
    (wrong,) = verdict(Small, {"day": day, "n": 1})[1]
    assert wrong.text == f"day must be a date, as 2024-07-01, got {day!r}"


def test_a_mistake_is_told_by_its_path_and_a_wrong_key_by_what_its_own_table_knows() -> None:
    raw = {
        "members": {"a": {"day": date(2026, 3, 1), "m": 1}, "b": 3},
        "smal": {},
        "small": {"day": date(2026, 3, 1), "n": -1, "nn": 1},
    }
    assert [(m.path, m.text) for m in verdict(Large, raw, also=("effective_from",))[1]] == [
        ("members.a.n", "[members.a] lacks n"),
        ("members.a.m", "[members.a]: 'm' is not known; there are: day, n"),
        ("members.b", "members.b must be a table: write [version.members.b], got 3"),
        ("small.n", "small.n must be at least 0, got -1"),
        ("small.nn", "[small]: 'nn' is not known; there are: day, n"),
        ("smal", "'smal' is not known; did you mean 'small'?"),
    ]


def test_keys_known_beside_the_fields_are_suggested_at_the_top_only() -> None:
    (top,) = verdict(Small, {"day": date(2026, 3, 1), "n": 1, "rulez": 1}, also=("rules",))[1]
    assert top.text == "'rulez' is not known; did you mean 'rules'?"


def test_each_named_member_is_needed_and_others_only_where_they_may_be() -> None:
    small = {"day": date(2026, 3, 1), "n": 1}
    assert Each(("a",)) != Each(("a",), others=True)
    with_others = verdict(policy_treatments(), {"standard": small, "more": small})
    assert with_others[1] == []
    assert [m.text for m in verdict(policy_treatments(), {"more": small})[1]] == ["section [standard] is missing"]


def policy_treatments() -> object:
    return Annotated[Mapping[str, Small], Each(("standard",), others=True)]


def test_a_mistake_taken_over_by_later_versions_is_told_where_it_first_stands() -> None:
    mistakes = Mistakes("p.toml")
    mistakes.refuse()
    mistakes.add("version 1", "a", since="version 1")
    mistakes.add("version 2", "a", since="version 1")
    mistakes.add("version 2", "a", since="version 2")
    mistakes.add("version 2", "b")
    mistakes.add("version 3", "b")
    mistakes.add("", "c")
    with pytest.raises(PolicyError) as refused:
        mistakes.refuse()
    told = ("version 1: a", "version 2: a", "version 2: b", "version 3: b", "c")
    assert refused.value.mistakes == tuple(f"p.toml: {text}" for text in told)
    assert str(refused.value) == "; ".join(refused.value.mistakes)


def test_a_name_that_is_near_is_asked_after_and_otherwise_what_exists_is_listed() -> None:
    assert nearest("polcy", ("policy_id", "policy")) == "; did you mean 'policy'?"
    assert nearest("zzz", ("b", "a")) == "; there are: a, b"
    assert nearest("zzz", map(str, range(100, 120))).endswith("111, …")
    assert nearest("zzz", map(str, range(100, 113))).endswith("111, …")
    assert nearest("zzz", map(str, range(100, 112))).endswith(", 111")


@pytest.mark.parametrize(("name", "near"), [("polcy", True), ("poly", False)])
def test_a_name_is_near_from_seven_tenths_on(name: str, *, near: bool) -> None:
    """Five letters in their order of five and nine: 10 of 14; four of four and nine: 8 of 13."""
    assert nearest(name, ("policy_id",)) == ("; did you mean 'policy_id'?" if near else "; there are: policy_id")


@dataclass(frozen=True)
class Deep(Table):
    many: tuple[Small, ...]
    named: Annotated[Mapping[Literal["x", "y"], Small], Each(("x",))]
    by_kind: Mapping[Literal["car", "travel"], Text]
    size: Annotated[Whole, Field(gt=0, lt=10)] = 1


def deep(**changes: object) -> list[tuple[str, str]]:
    small = {"day": date(2026, 3, 1), "n": 1}
    raw = {"many": [small], "named": {"x": small}, "by_kind": {}, **changes}
    return [(m.path, m.text) for m in verdict(Deep, raw)[1]]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, []),
        ({"many": [{"day": date(2026, 3, 1), "n": 0}, {"n": 1}]}, [("many[2].day", "[many[2]] lacks day")]),
        (
            {"many": [{"day": date(2026, 3, 1), "n": 1, "x": 3}]},
            [("many[1].x", "[many[1]]: 'x' is not known; there are: day, n")],
        ),
        ({"named": {}}, [("named.x", "section [named.x] is missing")]),
        (
            {"named": {"x": {"day": date(2026, 3, 1), "n": 1}, "z": {}}},
            [("named.z", "[named]: 'z' is not known; there are: x")],
        ),
        ({"by_kind": {"boat": "x"}}, [("by_kind.boat", "[by_kind]: 'boat' is not known; there are: car, travel")]),
        ({"by_kind": {"car": ""}}, [("by_kind.car", "by_kind.car must not be empty, got ''")]),
        ({"by_kind": 3}, [("by_kind", "by_kind must be a table: write [version.by_kind], got 3")]),
        ({"size": 0}, [("size", "size must be above 0, got 0")]),
        ({"size": 10}, [("size", "size must be below 10, got 10")]),
        ({"size": 0.5}, [("size", "size must be a whole number, got 0.5")]),
    ],
)
def test_what_is_wrong_within_lists_and_members_is_told_where_it_stands(
    changes: dict[str, object], told: list[tuple[str, str]]
) -> None:
    assert deep(**changes) == told


def test_what_is_no_table_at_all_is_told_as_such() -> None:
    assert [(m.path, m.text) for m in verdict(Small, 3)[1]] == [("", "must be a table, got 3")]
