"""Bulk prices equal the schedule to the cent; caps hold; the rate card equals quotes and is monotone."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.loans.plans import plan
from transforms.dates.calendar import add_months, due_day_of, months_between
from transforms.loans.grid import GRID_METHODS, price_many
from transforms.loans.plan import Fee, Plan, RepayMethod, method_terms
from transforms.loans.schedule import build_schedule
from transforms.pricing.cell import cell_plan
from transforms.pricing.cost_cap import cap_as_monthly_rate, max_nominal_rates
from transforms.pricing.first_period import FirstDue, dearest_first_periods
from transforms.pricing.plan_cost import plan_cost
from transforms.pricing.priced_cells import RATE_CARD_SCHEMA, PricingParameters, rate_card
from transforms.pricing.quote import QuoteRequest, quote

AS_OF = date(2026, 11, 22)
methods_in_bulk = st.sampled_from(GRID_METHODS)
cells = st.lists(
    st.tuples(st.integers(1, 10**10), st.integers(0, 360_000), st.integers(1, 84)), min_size=1, max_size=12
)


@settings(max_examples=120, deadline=None)
@given(
    cells,
    methods_in_bulk,
    st.sampled_from(["half_up", "half_even", "up"]),
    st.integers(0, 9_000),
    st.sampled_from([0, 300, 1_000]),
)
def test_many_prices_equal_the_schedule_to_the_cent(
    asked: list[tuple[int, int, int]], method: RepayMethod, rounding: str, balloon: int, step: int
) -> None:
    amounts, rates, terms = (list(column) for column in zip(*asked, strict=True))
    if method == RepayMethod.INTEREST_FREE:
        rates = [0] * len(rates)
    prices = price_many(
        amounts,
        rates,
        terms,
        method,
        balloon_bp=balloon,
        step_bp=step,
        payment_rounding=rounding,
        interest_rounding=rounding,
        keep_payments=True,
    )
    for row, (amount, rate, term) in enumerate(zip(amounts, rates, terms, strict=True)):
        single = build_schedule(
            plan(
                amount,
                str(Decimal(rate) / 1_000_000),
                term,
                payment_rounding=rounding,
                interest_rounding=rounding,
                **method_terms(method, amount, balloon_bp=balloon, step_bp=step),
            )
        )
        assert prices.highest_payment_cents[row] == max(r.payment_cents for r in single.installments)
        assert prices.payment_cents[row] == single.payment_cents
        assert prices.last_payment_cents[row] == single.last_payment_cents
        assert prices.interest_cents[row] == single.interest_cents
        assert prices.payments is not None
        assert prices.payments[row, :term].tolist() == [r.payment_cents for r in single.installments]


@pytest.mark.parametrize("principal", [2 * 12_000_000, 6 * 12_000_000])
def test_exact_halves_are_decided_exactly(principal: int) -> None:
    """A payment that is exactly half a cent: 1 month at a rate that makes P (1 + r/12) end in .5."""
    rate = 12_000_000 // (2 * principal) or 1
    got = price_many([principal + 1], [rate], [1], RepayMethod.ANNUITY).payment_cents[0]
    assert got == build_schedule(plan(principal + 1, str(Decimal(rate) / 1_000_000), 1)).payment_cents


def test_floats_and_other_methods_are_refused() -> None:
    with pytest.raises(ValueError, match="integers"):
        price_many([1.5], [0], [1], RepayMethod.ANNUITY)
    with pytest.raises(ValueError, match="one plan at a time"):
        price_many([1], [0], [1], RepayMethod.MIN_PAYMENT)
    with pytest.raises(ValueError, match="balloon_bp"):
        price_many([1], [0], [1], RepayMethod.BALLOON, balloon_bp=10_001)
    with pytest.raises(ValueError, match="terms"):
        price_many([1], [0], [0], RepayMethod.ANNUITY)


def all_in(asked: Plan, how: str) -> float:
    """The figure a cap looks at."""
    cost = plan_cost(asked, build_schedule(asked))
    return cost.apr_simple if how == "simple_irr" else cost.apr_irr


def highest_rate(cap: float, how: str, term: int, method: RepayMethod, fee_ppm: int, **options: Any) -> int:
    """Millionths; -1 where the fee alone breaks the cap."""
    ceiling, fee = np.array([cap_as_monthly_rate(cap, how)]), np.array([fee_ppm])  # type: ignore[arg-type]
    return int(max_nominal_rates(ceiling, np.array([term]), method, fee, np.array([0]), **options)[0])


caps = st.tuples(
    st.integers(500, 3600).map(lambda bp: bp / 10_000),
    st.sampled_from(["simple_irr", "compound_irr"]),
    st.integers(1, 60),
    st.sampled_from([RepayMethod.ANNUITY, RepayMethod.EQ_PRIN, RepayMethod.INT_FIRST, RepayMethod.FLAT]),
    st.integers(0, 20_000),
)


def capped_plan(ppm: int, term: int, method: RepayMethod, fee_ppm: int, **options: Any) -> Plan:
    fees = (Fee("service", "upfront", rate_ppm=fee_ppm),)
    return plan(rate=str(Decimal(ppm) / 1_000_000), installments=term, method=method, fees=fees, **options)


@settings(max_examples=40, deadline=None)
@given(caps)
def test_highest_rate_keeps_the_cap_and_one_point_more_breaks_it(
    drawn: tuple[float, str, int, RepayMethod, int],
) -> None:
    cap, how, *asked = drawn
    found = highest_rate(cap, how, *asked)
    if found < 0:
        assert all_in(capped_plan(0, *asked), how) > cap
        return
    assert all_in(capped_plan(found, *asked), how) <= cap + 1e-9
    assert all_in(capped_plan(found + 100, *asked), how) > cap


@pytest.mark.parametrize(("term", "method"), [(1, RepayMethod.ANNUITY), (6, RepayMethod.INT_FIRST)])
def test_a_cap_that_a_rate_just_meets_allows_it(term: int, method: RepayMethod) -> None:
    """Multiples of twelve basis points a year are whole cents a month on 10,000, so cost and rate are one figure."""
    rates = np.arange(12, 3_600, 12)
    ceiling = np.array([cap_as_monthly_rate(bp / 10_000, "simple_irr") for bp in rates.tolist()])
    terms, free = np.full(rates.size, term), np.zeros(rates.size, dtype=np.int64)
    assert max_nominal_rates(ceiling, terms, method, free, free).tolist() == (rates * 100).tolist()


@cache
def periods_by_length() -> dict[tuple[Fraction, int], tuple[date, date]]:
    """A start and a first due date of each length by the calendar (months) and by its days that is no regular month."""
    found = {}
    for number in range(731):
        start = date(2023, 1, 1) + timedelta(days=number)
        for days in range(15, 46):
            due = start + timedelta(days=days)
            day = due_day_of(start, due)
            if (add_months(start, 0, anchor_day=day), add_months(start, 1, anchor_day=day)) != (start, due):
                found[months_between(start, due, anchor_day=day), days] = (start, due)
    return found


def first_due_dates(first: FirstDue, first_period: str) -> list[tuple[date, date]]:
    """Starts and first due dates whose period is that one."""
    return [
        dates
        for (months, days), dates in periods_by_length().items()
        if months == first.months and (first_period == "equal_periods" or Fraction(days, 360) == first.charged_years)
    ]


days_drawn = st.lists(st.tuples(st.dates(date(2023, 1, 1), date(2027, 12, 31)), st.integers(15, 45)), max_size=12)


@settings(max_examples=25, deadline=None)
@given(caps, st.sampled_from(["actual_days", "equal_periods"]), days_drawn)
def test_cap_is_held_on_every_first_due_date_and_one_point_more_breaks_it_on_the_dearest(
    drawn: tuple[float, str, int, RepayMethod, int], first_period: Any, days: list[tuple[date, int]]
) -> None:
    cap, how, *asked = drawn
    firsts = dearest_first_periods(first_period, 15, 45)
    found = highest_rate(cap, how, *asked, first_periods=firsts)
    dearest = [dates for first in firsts for dates in first_due_dates(first, first_period)[:1]]
    assert len(dearest) == len(firsts)
    options = {"first_period": first_period}
    if found >= 0:
        for start, due in [*((s, s + timedelta(days=n)) for s, n in days), *dearest[:: max(len(dearest) // 5, 1)]]:
            kept = capped_plan(found, *asked, start_on=start, first_due_on=due, **options)
            assert all_in(kept, how) <= cap + 1e-9
    more = max(found + 100, 0)
    costs = (all_in(capped_plan(more, *asked, start_on=s, first_due_on=d, **options), how) for s, d in dearest)
    assert any(cost > cap for cost in costs)


def test_dearest_first_periods_are_not_longer_and_charged_no_less_than_any_other() -> None:
    """Every start of four years is beaten by one that is kept, and none of those by another."""
    kept = dearest_first_periods("actual_days", 20, 40)
    assert kept == tuple(sorted(kept))
    assert all(a.charged_years < b.charged_years for a, b in itertools.pairwise(kept))
    for number in range(1461):
        start = date(2025, 1, 1) + timedelta(days=number)
        for days in (20, 28, 31, 35, 40):
            asked = plan(start_on=start, first_due_on=start + timedelta(days=days))
            months = asked.calendar_years(start, asked.dues()[0]) * 12
            charged = asked.factors(asked.dues())[0] / Fraction(12, 100)
            assert any(one.months <= months and one.charged_years >= charged for one in kept)
    assert dearest_first_periods("equal_periods", 15, 45) == (FirstDue(Fraction(15, 31), Fraction(1, 12)),)


def _card(cap: float = 0.24, tolerance_bp: int = 0, loss: tuple[int, ...] = (50, 100, 80, 300, 1200)) -> pl.DataFrame:
    grades = pl.DataFrame(
        {
            "risk_grade": list("ABCDE"),
            "loss_bp": loss,
            "margin_bp": [200] * 5,
            "max_term_m": [60, 36, 24, 24, 12],
        }
    )
    products = pl.DataFrame(
        {
            "product_code": ["CARD", "CARD", "LOAN"],
            "plan_type": ["standard", "interest_free", "standard"],
            "upfront_fee_ppm": [0, 0, 5_000],
            "periodic_fee_ppm": [0, 0, 100],
        }
    )
    terms = pl.DataFrame({"product_code": ["CARD"] * 4 + ["LOAN"] * 2, "term_m": [3, 12, 24, 36, 12, 60]})
    methods = pl.DataFrame(
        {
            "product_code": ["CARD", "CARD", "CARD", "LOAN", "LOAN", "LOAN", "LOAN"],
            "plan_type": ["standard", "standard", "interest_free", "standard", "standard", "standard", "standard"],
            "repay_method": ["ANNUITY", "EQ_PRIN", "INTEREST_FREE", "INT_FIRST", "BALLOON", "STEP_UP", "STEP_DOWN"],
            "max_term_m": [None, None, None, 12, None, None, None],
            "balloon_bp": [0, 0, 0, 0, 3_000, 0, 0],
            "step_bp": [0, 0, 0, 0, 0, 500, 500],
        }
    )
    caps = pl.DataFrame(
        {"product_code": ["CARD", "LOAN"], "cap_rate": [cap, cap], "cap_method": ["compound_irr", "simple_irr"]}
    )
    pricing = PricingParameters(300, 200, 50, cap_tolerance_bp=tolerance_bp)
    return rate_card(grades, products, terms, methods, pricing, caps, AS_OF)


def test_rate_card_has_one_typed_row_a_cell() -> None:
    card = _card()
    assert card.schema == pl.Schema(RATE_CARD_SCHEMA)
    assert not card.select("risk_grade", "product_code", "plan_type", "term_m", "repay_method").is_duplicated().any()


def test_rate_card_cell_equals_the_quote_to_the_cent() -> None:
    for cell in _card(cap=0.2).iter_rows(named=True):
        asked = cell_plan({**cell, "nominal_rate": f"{cell['nominal_rate']:.6f}"}, 1_000_000, AS_OF)
        answer = quote(QuoteRequest(asked))
        periodic = asked.fee_cents("periodic")
        assert cell["payment_per_10k_cents"] == answer.schedule.payment_cents - periodic
        assert cell["last_payment_per_10k_cents"] == answer.schedule.last_payment_cents - periodic
        assert cell["interest_per_10k_cents"] == answer.schedule.interest_cents
        assert cell["fee_per_10k_cents"] == answer.schedule.fee_cents
        assert cell["apr_simple"] == pytest.approx(answer.cost.apr_simple, abs=6e-7)
        assert cell["apr_irr"] == pytest.approx(answer.cost.apr_irr, abs=6e-7)


def test_better_grade_is_never_dearer_nor_shorter() -> None:
    """Grade C loses less than B here, and still does not pay less."""
    by_cell = _card().sort("risk_grade").group_by("product_code", "plan_type", "term_m", "repay_method")
    for _, cell in by_cell:
        assert cell["nominal_rate"].is_sorted()
        assert cell["apr_irr"].is_sorted()
        assert cell["risk_grade"].to_list() == list("ABCDE")[: cell.height]


@pytest.mark.parametrize("cap", [0.12, 0.2, 0.24, 0.36])
def test_no_cell_costs_more_than_its_cap(cap: float) -> None:
    card = _card(cap)
    figure = pl.when(pl.col("cap_method") == "simple_irr").then("apr_simple").otherwise("apr_irr")
    assert card.filter(figure > pl.col("cap_rate")).is_empty()


def test_risk_price_above_the_cap_is_marked_not_mispriced() -> None:
    card = _card(cap=0.12)
    above = card.filter("price_above_cap")
    assert above.height > 0
    assert (above["risk_price"] > above["nominal_rate"]).all()
    sold = card.filter(~pl.col("price_above_cap") & (pl.col("plan_type") != "interest_free"))
    assert (sold["nominal_rate"] == sold["risk_price"]).all()
    assert not card["cap_binding"].any()


def test_tolerance_lets_the_cap_bind_a_little() -> None:
    card = _card(cap=0.12, tolerance_bp=10_000)
    assert card["cap_binding"].any()
    assert not card["price_above_cap"].any()


def test_of_several_caps_the_strictest_stands() -> None:
    """21 % compound is stricter than 24 % simple, and the cell says which of them it is."""
    one = pl.DataFrame({"risk_grade": ["A"], "loss_bp": [2_400], "margin_bp": [0], "max_term_m": [12]})
    product = pl.DataFrame({"product_code": ["P"], "plan_type": ["standard"]})
    terms = pl.DataFrame({"product_code": ["P"], "term_m": [12]})
    methods = pl.DataFrame({"product_code": ["P"], "plan_type": ["standard"], "repay_method": ["ANNUITY"]})
    caps = pl.DataFrame(
        {"product_code": ["P", "P"], "cap_rate": [0.24, 0.21], "cap_method": ["simple_irr", "compound_irr"]}
    )
    (cell,) = rate_card(one, product, terms, methods, PricingParameters(0, 0), caps, AS_OF).rows(named=True)
    assert (cell["cap_rate"], cell["cap_method"]) == (0.21, "compound_irr")
    assert cell["apr_irr"] <= 0.21 < cell["apr_irr"] + 0.001
    assert cell["price_above_cap"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 1_500), min_size=5, max_size=5), st.integers(0, 400), st.integers(0, 10_000))
def test_subsidy_keeps_grades_in_order_and_never_exceeds_its_share(losses: list[int], subsidy: int, share: int) -> None:
    grades = pl.DataFrame(
        {"risk_grade": list("ABCDE"), "loss_bp": losses, "margin_bp": [0] * 5, "max_term_m": [12] * 5}
    )
    product = pl.DataFrame(
        {"product_code": ["P"], "plan_type": ["low_interest"], "subsidy_bp": [subsidy], "subsidy_share_bp": [share]}
    )
    terms = pl.DataFrame({"product_code": ["P"], "term_m": [12]})
    methods = pl.DataFrame({"product_code": ["P"], "plan_type": ["low_interest"], "repay_method": ["ANNUITY"]})
    caps = pl.DataFrame({"product_code": ["P"], "cap_rate": [0.15], "cap_method": ["simple_irr"]})
    card = rate_card(grades, product, terms, methods, PricingParameters(0, 0), caps, AS_OF).sort("risk_grade")
    rates, paid = card["nominal_rate"].to_list(), card["subsidy_rate"].to_list()
    assert rates == sorted(rates)
    for net, state in zip(rates, paid, strict=True):
        assert state <= subsidy / 10_000 + 1e-12
        assert state <= (net + state) * share / 10_000 + 1e-12


def test_fees_above_the_cap_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="fees of LOAN"):
        _card(cap=0.001)


def test_quote_is_plain_data_with_every_fee() -> None:
    fees = (Fee("service", "upfront", 1_000), Fee("guarantee", "periodic", 200, collector="guarantor"))
    answer = quote(QuoteRequest(plan(fees=fees), product_code="CARD"))
    shown = answer.to_dict()
    assert shown["fee_cents"] == 1_000 + 12 * 200
    assert [fee["collector"] for fee in shown["fees"]] == ["lender", "guarantor"]
    assert shown["cost_cents"] == shown["interest_cents"] + shown["fee_cents"]
    assert len(shown["schedule"]) == 13
    assert "guarantee" in answer.to_text()


def test_quote_of_a_longer_first_period_counts_its_days() -> None:
    regular = quote(QuoteRequest(plan(start_on=date(2026, 1, 1))))
    longer = quote(QuoteRequest(plan(start_on=date(2026, 1, 1), first_due_on=date(2026, 3, 1))))
    same = quote(QuoteRequest(plan(start_on=date(2026, 1, 1), first_due_on=date(2026, 2, 1))))
    assert same.cost == regular.cost
    assert longer.cost.apr_irr < regular.cost.apr_irr


def test_empty_input_gives_an_empty_card() -> None:
    assert price_many(np.array([], dtype=np.int64), [], [], RepayMethod.ANNUITY).payment_cents.size == 0
