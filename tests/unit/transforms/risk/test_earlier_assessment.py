"""The assessment a cooldown ago."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from tests.unit.transforms.outputs import earlier_assessment
from tests.unit.transforms.risk.support import NIGHT, assess, card, profile, token
from transforms.risk.earlier_assessment import reads_shopping

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
