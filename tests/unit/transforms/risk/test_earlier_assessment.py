"""The assessment a cooldown ago."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from tests.unit.transforms.outputs import earlier_assessment
from tests.unit.transforms.risk.support import NIGHT, assess, card, profile, token
from transforms.risk.earlier_assessment import earlier_score, held_score, reads_shopping
from transforms.risk.scorecard import points_column

THEN = date(2025, 12, 10)
LEDGER = pl.DataFrame(
    [
        (token(0), "consumer_loan", 500_000),
        (token(0), "installment_plan", 200_000),
        (token(0), "credit_card", 900_000),
    ],
    schema={"customer_token": pl.String, "account_kind": pl.String, "balance_cents": pl.Int64},
    orient="row",
)


def test_points_are_those_of_the_night_s_scorecard_and_empty_where_nothing_was_known() -> None:
    then = earlier_assessment(profile({}, {"dsr": None}), LEDGER, card(), NIGHT, THEN).to_dicts()
    assert then[0]["points"] == assess({})[0]["points"]
    place = [v.column for v in card().variables].index("dsr")
    assert then[1]["points"][place] is None
    assert [p for n, p in enumerate(then[1]["points"]) if n != place] == [
        p for n, p in enumerate(then[0]["points"]) if n != place
    ]


def test_installment_debt_is_what_is_owed_on_anything_but_cards() -> None:
    """The figure whose growth is a sign of over-borrowing."""
    then = earlier_assessment(profile({}, {}), LEDGER, card(), NIGHT, THEN)
    assert then["installment_debt_cents"].to_list() == [700_000, 0]


def test_shopping_is_read_for_a_score_that_looks_at_it_only() -> None:
    shopping = replace(card(), variables=(replace(card().variables[0], column="order_cnt_12m"), *card().variables[1:]))
    assert (reads_shopping(card()), reads_shopping(shopping)) == (False, True)


def scored(points: list[int | None] | None, tonight: int = 7) -> int | None:
    """The score a cooldown ago of these points, where tonight every variable has so many."""
    row = {points_column(v): tonight for v in card().variables} | {"earlier_points": points}
    return (
        pl.DataFrame([row], schema_overrides={"earlier_points": pl.List(pl.Int32)}).select(earlier_score(card())).item()
    )


def test_the_earlier_score_adds_up_and_takes_tonights_points_where_nothing_was_known() -> None:
    """A variable that the list of then is too short for was not known either; without a list there is no score."""
    count, base = len(card().variables), card().scale.base_points
    assert scored([3] * count) == base + 3 * count
    assert scored([None] + [3] * (count - 1)) == base + 7 + 3 * (count - 1)
    assert scored([3] * (count - 1)) == base + 7 + 3 * (count - 1)
    assert scored(None) is None
    assert scored([10_000] * count) == card().scale.highest
    assert scored([-10_000] * count) == card().scale.lowest


@pytest.mark.parametrize(
    ("tonight", "before", "held"),
    [(600, 600, 590), (600, 700, 600), (600, 610, 600), (600, 609, 599), (600, None, 590)],
)
def test_a_grade_is_entered_once_held_and_left_at_once(tonight: int, before: int | None, held: int) -> None:
    frame = pl.DataFrame({"score": [tonight], "earlier_score": [before]}, schema_overrides={"earlier_score": pl.Int32})
    assert frame.select(held_score(10, 300)).item() == held
    assert frame.select(held_score(10, 595)).item() == max(held, 595)
