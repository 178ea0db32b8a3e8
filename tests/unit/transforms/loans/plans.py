"""Strategies and short cuts shared by the pricing tests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from transforms.dates.calendar import Frequency
from transforms.dates.day_count import DayCount
from transforms.loans.plan import STEPS, Fee, Plan, RepayMethod
from transforms.loans.running import Running
from transforms.loans.schedule import build_schedule

START = date(2026, 1, 31)
FREQUENCIES = [Frequency("month", 1), Frequency("month", 3), Frequency("week", 1), Frequency("week", 2)]


def plan(amount_cents: int = 1_000_000, rate: str = "0.12", installments: int = 12, **options: Any) -> Plan:
    return Plan(amount_cents, Decimal(rate), installments, options.pop("start_on", START), **options)


rates = st.integers(0, 3600).map(lambda bp: Decimal(bp) / 10_000)
fees = st.lists(
    st.builds(
        Fee,
        code=st.just("fee"),
        timing=st.sampled_from(["upfront", "financed", "periodic", "final"]),
        amount_cents=st.integers(0, 500),
        rate_ppm=st.integers(0, 5_000),
        collector=st.sampled_from(["lender", "platform", "guarantor"]),
    ),
    max_size=3,
).map(tuple)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    method = draw(st.sampled_from(list(RepayMethod)))
    amount = draw(st.integers(10_000, 50_000_000))
    return Plan(
        amount,
        Decimal(0) if method == RepayMethod.INTEREST_FREE else draw(rates),
        draw(st.integers(1, 60)),
        draw(st.dates(date(2020, 1, 1), date(2030, 12, 31))),
        method=method,
        frequency=draw(st.sampled_from(FREQUENCIES)),
        interest_basis=draw(st.sampled_from(["equal_periods", *DayCount])),
        payment_basis=draw(st.sampled_from(["formula", "least_residual"])),
        payment_rounding=draw(st.sampled_from(["half_up", "half_even", "up"])),
        interest_rounding=draw(st.sampled_from(["half_up", "half_even"])),
        down_payment_cents=draw(st.integers(0, amount // 2)),
        balloon_cents=draw(st.integers(0, amount // 4)) if method == RepayMethod.BALLOON else 0,
        step_share=draw(st.sampled_from([Decimal("0.05"), Decimal("0.1")])) if method in STEPS else None,
        min_share=Decimal("0.05") if method == RepayMethod.MIN_PAYMENT else None,
        min_principal_cents=5_000,
        fees=draw(fees),
    )


def fineract_loan(**options: Any) -> Running:
    """100 at 7 % over six months from 1 January 2024, as most of Apache Fineract's scenarios start."""
    asked = plan(
        options.pop("amount_cents", 10_000),
        options.pop("rate", "0.07"),
        options.pop("installments", 6),
        **{
            "start_on": date(2024, 1, 1),
            "interest_basis": DayCount.THIRTY_360,
            "payment_basis": "least_residual",
            "payment_rounding": "half_even",
            "interest_rounding": "half_even",
            **options,
        },
    )
    return Running.of(asked, build_schedule(asked))
