"""Money is allocated by the policy's order, and none of it is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.loans.books import RULES, paid, plans
from transforms.loans.allocation import replay
from transforms.loans.booked import booked_installments
from transforms.loans.movements import net_movements

EXACT = replace(RULES, shortfall_tolerance_cents=0)
INSTALLMENT = 106_619


def position(on: date, *rows: tuple[Any, ...], rules: Any = EXACT) -> dict[str, Any]:
    found = replay(booked_installments(plans({})), net_movements(paid(*rows)), [on], rules)
    return found.positions.row(0, named=True)


def test_a_partial_payment_pays_interest_first_and_leaves_the_installment_overdue() -> None:
    seen = position(date(2025, 2, 20), (date(2025, 2, 10), 50_000))
    # Interest of the first month is 12,000.00 x 1 %.
    assert (seen["arrears_interest_cents"], seen["arrears_principal_cents"]) == (0, INSTALLMENT - 50_000)
    assert (seen["dpd"], seen["unpaid_cnt"], seen["outstanding_cents"]) == (10, 1, 1_200_000 - 38_000)


def test_what_is_paid_too_much_is_carried_to_the_next_installment_and_not_booked_before_it_is_due() -> None:
    seen = position(date(2025, 3, 1), (date(2025, 2, 10), INSTALLMENT + 30_000))
    assert (seen["carried_cents"], seen["next_open_cents"]) == (30_000, INSTALLMENT - 30_000)
    assert seen["outstanding_cents"] == 1_200_000 - (INSTALLMENT - 12_000)
    later = position(date(2025, 3, 10), (date(2025, 2, 10), INSTALLMENT + 30_000))
    assert (later["carried_cents"], later["arrears_cents"]) == (0, INSTALLMENT - 30_000)


def test_beyond_ninety_days_principal_goes_before_interest() -> None:
    on = date(2025, 5, 20)  # four installments unpaid, the first 99 days past due
    seen = position(on, (on, 100_000))
    whole = position(on)
    assert seen["arrears_interest_cents"] == whole["arrears_interest_cents"]
    assert seen["arrears_principal_cents"] == whole["arrears_principal_cents"] - 100_000
    early = position(date(2025, 5, 10), (date(2025, 5, 10), 100_000))  # 89 days: interest of the oldest first
    assert early["arrears_interest_cents"] == whole["arrears_interest_cents"] - 12_000


def test_by_component_all_overdue_interest_is_paid_before_principal() -> None:
    rules = replace(EXACT, allocation_by="component")
    on = date(2025, 3, 20)
    whole, seen = position(on, rules=rules), position(on, (on, 20_000), rules=rules)
    assert whole["arrears_interest_cents"] > 20_000
    assert seen["arrears_interest_cents"] == whole["arrears_interest_cents"] - 20_000
    assert seen["arrears_principal_cents"] == whole["arrears_principal_cents"]


def test_a_backdated_payment_counts_from_its_value_date() -> None:
    booked_late = (date(2025, 2, 13), INSTALLMENT, "payment", date(2025, 2, 10))
    found = replay(booked_installments(plans({})), net_movements(paid(booked_late)), [date(2025, 2, 20)], EXACT)
    assert found.peaks.is_empty()
    assert found.positions["dpd"].item() == 0


def test_a_reversed_payment_never_counted() -> None:
    rows = [
        (date(2025, 2, 10), INSTALLMENT),
        (date(2025, 2, 12), INSTALLMENT, "reversal", None, "R1"),
        (date(2025, 2, 14), INSTALLMENT),
    ]
    found = replay(booked_installments(plans({})), net_movements(paid(*rows)), [date(2025, 2, 20)], EXACT)
    assert found.peaks.select("on", "dpd").rows() == [(date(2025, 2, 13), 3)]
    assert found.positions["paid_cents"].item() == INSTALLMENT


def test_a_part_of_a_payment_can_be_taken_back() -> None:
    rows = [(date(2025, 2, 10), INSTALLMENT), (date(2025, 2, 12), 6_619, "reversal", None, "R1")]
    assert position(date(2025, 2, 20), *rows)["arrears_cents"] == 6_619


def test_a_shortfall_within_the_tolerance_is_not_overdue() -> None:
    assert position(date(2025, 2, 20), (date(2025, 2, 10), INSTALLMENT - 1_000), rules=RULES)["dpd"] == 0
    assert position(date(2025, 2, 20), (date(2025, 2, 10), INSTALLMENT - 1_001), rules=RULES)["dpd"] == 10


def test_an_early_settlement_spares_the_interest_not_yet_earned() -> None:
    left = 1_200_000 - (INSTALLMENT - 12_000)
    seen = position(date(2025, 4, 1), (date(2025, 2, 10), INSTALLMENT), (date(2025, 2, 10), left, "early_settlement"))
    assert (seen["open_cents"], seen["outstanding_cents"], seen["overpaid_cents"]) == (0, 0, 0)
    assert seen["total_cents"] == 1_212_000


def test_what_comes_after_the_settlement_is_paid_too_much() -> None:
    left = 1_200_000 - (INSTALLMENT - 12_000)
    settled = (date(2025, 2, 10), left, "early_settlement")
    again = (date(2025, 2, 20), 50_000, "early_settlement")
    seen = position(date(2025, 4, 1), (date(2025, 2, 10), INSTALLMENT), settled, again)
    assert (seen["open_cents"], seen["overpaid_cents"], seen["total_cents"]) == (0, 50_000, 1_212_000)


_MOVES = st.lists(
    st.tuples(
        st.integers(0, 420),
        st.integers(1, 400_000),
        st.sampled_from(["payment", "payment", "waiver", "early_settlement"]),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(_MOVES, st.sampled_from(["installment", "component"]), st.sampled_from([0, 90]))
def test_every_cent_is_somewhere(moves: list[tuple[int, int, str]], by: str, late_from: int) -> None:
    """Paid + waived + open = all that is charged + overpaid, on every day, whatever the order of allocation."""
    rules = replace(RULES, allocation_by=by, late_allocation_dpd=late_from)
    rows = [(date(2025, 1, 15) + timedelta(days=d), cents, kind) for d, cents, kind in moves]
    looks = [date(2025, 3, 1), date(2025, 7, 10), date(2026, 6, 1)]
    found = replay(booked_installments(plans({})), net_movements(paid(*rows)), looks, rules).positions
    kept = found.select(
        left=pl.col("paid_cents") + pl.col("waived_cents") + pl.col("open_cents"),
        right=pl.col("total_cents") + pl.col("overpaid_cents"),
        fair=(pl.col("open_cents") >= pl.col("arrears_cents")) & (pl.col("outstanding_cents") >= 0),
    )
    assert kept["left"].to_list() == kept["right"].to_list()
    assert kept["fair"].all()
