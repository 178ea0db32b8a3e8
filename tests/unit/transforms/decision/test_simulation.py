"""A night decided twice: figures of a three-customer book worked by hand, and groups compared fairly."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from transforms.decision.simulation import booked, swaps, treatments

SCHEMA = {
    "customer_token": pl.String,
    "decision": pl.String,
    "reasons": pl.List(pl.String),
    "limit_cents": pl.Int64,
    "limit_bound_by": pl.String,
    "max_term_m": pl.Int32,
    "min_rate": pl.Decimal(9, 6),
    "expected_loss_bp": pl.Int32,
    "max_payment_cents": pl.Int64,
    "dsr_bp": pl.Int32,
    "income_cents": pl.Int64,
    "debt_service_cents": pl.Int64,
}


def decided(*rows: tuple[object, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


BEFORE = decided(
    ("a", "eligible", [], 1_000_000, "line", 24, Decimal("0.07"), 150, 50_000, 1_000, 500_000, 50_000),
    ("b", "eligible", [], 333_300, "affordability", 12, Decimal("0.093500"), 333, 30_000, 3_000, 300_000, 90_000),
    ("c", "declined", ["high_debt", "thin_file"], 0, "declined", 0, None, 900, 0, 7_000, 100_000, 70_000),
)
AFTER = decided(
    ("c", "eligible", [], 200_000, "grade", 6, Decimal("0.12"), 900, 9_000, 7_000, 100_000, 70_000),
    ("a", "eligible", [], 1_200_000, "line", 24, Decimal("0.065"), 150, 50_000, 1_000, 500_000, 50_000),
    (
        "b",
        "review",
        ["thin_file"],
        333_300,
        "affordability",
        12,
        Decimal("0.093500"),
        333,
        30_000,
        3_000,
        300_000,
        90_000,
    ),
)


def test_three_customers_by_hand() -> None:
    """Loss: 1,000,000 x 1.50 % + 333,300 x 3.33 %, rounded down each; interest: x 7 % and x 9.35 %."""
    before = booked(BEFORE)
    assert before.decisions == {"eligible": 2, "review": 0, "declined": 1}
    assert before.limit_cents == 1_333_300
    assert before.loss_cents == 15_000 + 11_098
    assert before.revenue_cents == 70_000 + 31_163
    assert before.payment_cents == 80_000
    assert before.median_dsr_bp == 2_000
    assert before.median_dsr_after_bp == 3_000  # 100,000 of 500,000 and 120,000 of 300,000: 20 % and 40 %
    assert before.bound_by == {"affordability": 1, "line": 1}
    assert before.reasons == {"high_debt": 1, "thin_file": 1}
    after = booked(AFTER)
    assert (after.limit_cents, after.loss_cents, after.revenue_cents) == (1_400_000, 18_000 + 18_000, 78_000 + 24_000)


def test_who_swaps_by_hand() -> None:
    found = swaps(BEFORE, AFTER)
    assert (found.swapped_in, found.swapped_out) == (1, 1)
    assert (found.limit_up, found.limit_down, found.cheaper, found.dearer) == (1, 0, 1, 0)
    assert found.matrix["declined", "eligible"] == found.matrix["eligible", "review"] == 1
    assert sum(found.matrix.values()) == 3
    assert found.unchanged == 0


def test_the_same_decisions_swap_nobody_and_other_customers_are_refused() -> None:
    same = swaps(BEFORE, BEFORE.reverse())
    assert (same.swapped_in, same.swapped_out, same.unchanged) == (0, 0, 3)
    with pytest.raises(ValueError, match="not of the same customers"):
        swaps(BEFORE, AFTER.head(2))


def test_a_groups_ratio_is_against_the_best_group_and_small_groups_have_none() -> None:
    """40 young with 10 eligible, 40 older with 20, and 5 of a group too small to judge."""
    people = [("y", 22, n < 10) for n in range(40)] + [("o", 50, n < 20) for n in range(40)] + [("s", 70, True)] * 5
    tokens = [f"{kind}{n}" for n, (kind, _, _) in enumerate(people)]
    profile = pl.DataFrame(
        {"customer_token": tokens, "age_years": [age for _, age, _ in people], "employment_type": [None] * len(people)},
        schema_overrides={"employment_type": pl.String},
    )
    decisions = pl.DataFrame(
        {"customer_token": tokens, "decision": ["eligible" if yes else "declined" for _, _, yes in people]}
    )
    found = {t.group: t for t in treatments(decisions, profile) if t.attribute == "age"}
    assert found["up to 25"].ratio == pytest.approx(0.5)
    assert found["41 to 55"].ratio == 1
    assert found["56 and over"].ratio is None
    assert found["56 and over"].eligible == 5


@pytest.mark.parametrize(("size", "ratio"), [(30, 1.0), (29, None)])
def test_a_group_is_judged_from_the_least_cell_on(size: int, ratio: float | None) -> None:
    tokens = [str(n) for n in range(size)]
    profile = pl.DataFrame({"customer_token": tokens, "age_years": [30] * size, "employment_type": ["gig"] * size})
    decisions = pl.DataFrame({"customer_token": tokens, "decision": ["eligible"] * size})
    assert {(t.group, t.customers, t.ratio) for t in treatments(decisions, profile)} == {
        ("26 to 40", size, ratio),
        ("gig", size, ratio),
    }


def test_age_bands_end_where_they_say() -> None:
    ages = [0, 25, 26, 40, 41, 55, 56, 110, None]
    tokens = [str(n) for n in range(len(ages))]
    profile = pl.DataFrame({"customer_token": tokens, "age_years": ages, "employment_type": ["gig"] * len(ages)})
    decisions = pl.DataFrame({"customer_token": tokens, "decision": ["declined"] * len(ages)})
    found = treatments(decisions, profile, 1)
    bands = {t.group: (t.customers, t.eligible, t.ratio) for t in found if t.attribute == "age"}
    names = ("up to 25", "26 to 40", "41 to 55", "56 and over", "unknown")
    assert bands == {name: (1 if name == "unknown" else 2, 0, None) for name in names}


def test_where_no_group_has_anybody_eligible_or_enough_people_there_is_no_ratio() -> None:
    profile = pl.DataFrame({"customer_token": ["a"], "age_years": [30], "employment_type": ["gig"]})
    declined, eligible = (pl.DataFrame({"customer_token": ["a"], "decision": [d]}) for d in ("declined", "eligible"))
    assert {t.ratio for t in treatments(declined, profile, 1)} == {None}
    assert {t.ratio for t in treatments(eligible, profile, 2)} == {None}
    assert {t.ratio for t in treatments(eligible, profile, 1)} == {1.0}


def test_employment_that_is_not_known_is_a_group_of_its_own() -> None:
    profile = pl.DataFrame(
        {"customer_token": ["a", "b"], "age_years": [30, 31], "employment_type": [None, "gig"]},
        schema_overrides={"employment_type": pl.String},
    )
    decisions = pl.DataFrame({"customer_token": ["a", "b"], "decision": ["eligible", "declined"]})
    found = {t.group: (t.customers, t.eligible) for t in treatments(decisions, profile) if t.attribute == "employment"}
    assert found == {"gig": (1, 0), "unknown": (1, 1)}


def test_a_customer_whose_limit_and_rate_stay_is_neither_better_nor_worse_off() -> None:
    """Dearer and cheaper, up and down are counted of those eligible both times, equal figures as neither."""
    after = BEFORE.with_columns(
        limit_cents=pl.Series([999_900, 333_300, 0]), min_rate=pl.Series([Decimal("0.070001"), Decimal("0.0935"), None])
    )
    found = swaps(BEFORE, after)
    assert (found.limit_up, found.limit_down, found.dearer, found.cheaper, found.unchanged) == (0, 1, 1, 0, 2)


def test_of_nobody_there_is_no_median() -> None:
    nobody = booked(BEFORE.filter(decision="declined"))
    assert (nobody.median_dsr_bp, nobody.median_dsr_after_bp, nobody.limit_cents) == (None, None, 0)
    assert nobody.decisions == {"eligible": 0, "review": 0, "declined": 1}


def test_debts_that_are_not_known_are_none_and_a_millionth_of_the_rate_counts() -> None:
    """100,000 yuan at 7.0001 %, expected loss 9,999 bp; a payment of 1,000 of 10,000 yuan."""
    one = decided(
        ("a", "eligible", [], 10_000_000, "line", 24, Decimal("0.070001"), 9_999, 100_000, 1, 1_000_000, None)
    )
    book = booked(one)
    assert (book.revenue_cents, book.loss_cents, book.median_dsr_after_bp) == (700_010, 9_999_000, 1_000)
