"""Customers, policy and catalogue that the eligibility tests share; every figure a test leans on is said there."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from transforms.decision.facts import deciding_columns
from transforms.policy.policy import Policy, PolicyBook, parse_policy
from transforms.policy.product import Catalogue, ProductBook, parse_products
from transforms.policy.reasons import ReasonBook, Reasons, parse_reasons
from transforms.pricing.rate_card import rate_card as priced

REFERENCE = Path(__file__).parents[3] / "warehouse" / "reference"
NIGHT = date(2026, 3, 10)

_I, _N, _S, _B, _F = pl.Int64, pl.Int32, pl.String, pl.Boolean, pl.Float64
PROFILE: dict[str, Any] = {
    "as_of_date": pl.Date,
    "customer_token": _S,
    "shard": pl.Int16,
    "age_years": _N,
    "is_student": _B,
    "employment_type": _S,
    "automated_decision_opt_out": _B,
    "stated_preference": _S,
    "income_cents": _I,
    "income_source": _S,
    "gambling_cents_3m": _I,
    "debt_service_cents": _I,
    "dsr": _F,
    "free_cash_flow_cents": _I,
    "lender_cnt": _N,
    "debt_balance_cents": _I,
    "revolving_limit_cents": _I,
    "revol_util": _F,
    "current_dpd": _N,
    "max_dpd_12m": _N,
    "new_lender_cnt_3m": _N,
    "bureau_status": _S,
    "behaviour_segment": _S,
    "running_plan_cnt": _N,
    "broken_plan_cnt": _N,
    "plan_outstanding_cents": _I,
    "plan_arrears_cents": _I,
    "line_cents": _I,
    "line_used_cents": _I,
    "line_frozen": _B,
    "line_changed_on": pl.Date,
    "plan_paid_bp": _N,
    "plan_on_book_m": _N,
    "on_time_payment_cnt": _N,
    "own_dpd": _N,
    "own_max_dpd_12m": _N,
    "five_class": _S,
    "restruct_flag": _B,
    "consent_credit_bureau": _B,
}
RISK: dict[str, Any] = {
    "as_of_date": pl.Date,
    "customer_token": _S,
    "shard": pl.Int16,
    "model_version": _S,
    "score": _N,
    "pd_12m": _F,
    "risk_grade": _S,
    "cutoff_grade": _S,
    "cutoff_shift_points": _N,
    "lgd": _F,
    "over_debt_action": _S,
    "bureau_status": _S,
    "human_review": _B,
}

#: A customer no rule objects to: 10,000 yuan a month from payroll, 1,000 of it debt service.
GOOD_CUSTOMER: dict[str, Any] = {
    "as_of_date": NIGHT,
    "shard": 0,
    "age_years": 35,
    "is_student": False,
    "employment_type": "employee",
    "automated_decision_opt_out": False,
    "stated_preference": None,
    "income_cents": 1_000_000,
    "income_source": "payroll",
    "gambling_cents_3m": 0,
    "debt_service_cents": 100_000,
    "dsr": 0.1,
    "free_cash_flow_cents": 400_000,
    "lender_cnt": 1,
    "debt_balance_cents": 1_000_000,
    "revolving_limit_cents": 0,
    "revol_util": 0.2,
    "current_dpd": 0,
    "max_dpd_12m": 0,
    "new_lender_cnt_3m": 0,
    "bureau_status": "fresh",
    "behaviour_segment": "standard",
    "running_plan_cnt": 0,
    "broken_plan_cnt": 0,
    "plan_outstanding_cents": 0,
    "plan_arrears_cents": 0,
    "line_cents": None,
    "line_used_cents": None,
    "line_frozen": False,
    "line_changed_on": None,
    "plan_paid_bp": None,
    "plan_on_book_m": None,
    "on_time_payment_cnt": 0,
    "own_dpd": 0,
    "own_max_dpd_12m": 0,
    "five_class": "normal",
    "restruct_flag": False,
    "consent_credit_bureau": True,
    "model_version": "test",
    "score": 680,
    "pd_12m": 0.02,
    "risk_grade": "B",
    "cutoff_shift_points": 0,
    "over_debt_action": "none",
    "lgd": 0.5,
    "human_review": False,
}


def token(number: int) -> str:
    """A customer token by number."""
    return f"00000000-0000-4000-8000-{number:012d}"


def customers(*changes: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(profile, risk) of one good customer per argument, with that argument's columns changed."""
    rows = [{**GOOD_CUSTOMER, "customer_token": token(n), **change} for n, change in enumerate(changes)]
    # The cut-offs look at the risk grade itself unless a test moves them.
    rows = [{"cutoff_grade": row["risk_grade"], **row} for row in rows]
    for row in rows:
        unknown = set(row) - set(PROFILE) - set(RISK)
        assert not unknown, f"no such column: {unknown}"
    profile = pl.DataFrame([{c: r[c] for c in PROFILE} for r in rows], schema=PROFILE, orient="row")
    return profile, pl.DataFrame([{c: r[c] for c in RISK} for r in rows], schema=RISK, orient="row")


def document(name: str = "policies/cn/bank_card.toml") -> dict[str, Any]:
    """A reference file as a mapping."""
    return tomllib.loads((REFERENCE / name).read_text(encoding="utf-8"))


def book(changed: dict[str, Any] | None = None) -> PolicyBook:
    """The shipped policy of a bank, or a changed document of it."""
    return parse_policy(
        changed or document(),
        source="cn/bank_card.toml",
        columns=deciding_columns(PROFILE, RISK),
        reasons=reason_book(),
    )


@cache
def policy(on: date = NIGHT) -> Policy:
    """The shipped policy of a bank in force on `on`."""
    return book().in_force(on)


@cache
def reason_book() -> ReasonBook:
    """The shipped catalogue of reasons."""
    files = sorted((REFERENCE / "reasons").glob("*.toml"))
    return parse_reasons({path.name: tomllib.loads(path.read_text(encoding="utf-8")) for path in files})


@cache
def reasons(on: date = NIGHT) -> Reasons:
    """What every code says on `on` under the policy of a bank."""
    return policy(on).reasons.in_force(on)


@cache
def products() -> ProductBook:
    """The shipped catalogue."""
    return parse_products(document("products.toml"), source="products.toml")


def catalogue(on: date = NIGHT) -> Catalogue:
    """The shipped catalogue in force on `on`."""
    return products().in_force(on)


def rate_card(of: Policy | None = None, on: date = NIGHT) -> pl.DataFrame:
    """The rate card of the shipped catalogue under a policy (the shipped one in force on `on` unless given)."""
    of = of or policy(on)
    if of.digest not in _CARDS:
        _CARDS[of.digest] = priced(of, catalogue(on).under(of), on)
    return _CARDS[of.digest]


_CARDS: dict[str, pl.DataFrame] = {}


_REQUEST: dict[str, Any] = {
    "request_id": _S,
    "customer_token": _S,
    "requested_on": pl.Date,
    "channel": _S,
    "purpose_code": _S,
    "merchant_id": _S,
    "amount_cents": _I,
    "term_m": _N,
    "repay_method": _S,
    "preference": _S,
}
_MERCHANT: dict[str, Any] = {
    "merchant_id": _S,
    "category_code": _S,
    "status": _S,
    "subsidy_share": pl.Decimal(9, 6),
    "onboarded_on": pl.Date,
}


def requests(*changes: dict[str, Any]) -> pl.DataFrame:
    """Requests of the first customer for 3,000 yuan of appliances at the checkout, with each argument's changes."""
    plain = {
        "request_id": "r1",
        "customer_token": token(0),
        "requested_on": NIGHT,
        "channel": "checkout",
        "purpose_code": "appliance",
        "amount_cents": 300_000,
    }
    rows = [{**dict.fromkeys(_REQUEST), **plain, **change} for change in changes]
    return pl.DataFrame(rows, schema=_REQUEST, orient="row")


def merchants(*rows: tuple[str, str, str, str | None]) -> pl.DataFrame:
    """Merchants by (id, category, status, subsidy share), partners since 2020."""
    shares = [(*row[:3], None if row[3] is None else Decimal(row[3]), date(2020, 1, 1)) for row in rows]
    return pl.DataFrame(shares, schema=_MERCHANT, orient="row")


_MARKET: dict[str, Any] = {
    "competitor_code": _S,
    "purpose_code": _S,
    "term_m": _N,
    "annual_cost": pl.Decimal(9, 6),
    "observed_on": pl.Date,
}
_INSTRUMENT: dict[str, Any] = {
    "instrument_token": _S,
    "customer_token": _S,
    "parent_account_token": _S,
    "channel": _S,
    "limit_cents": _I,
    "parent_limit_cents": _I,
    "used_cents": _I,
    "status": _S,
}


def market_prices(*rows: tuple[str, str, int, str], on: date = NIGHT) -> pl.DataFrame:
    """Competitor prices by (competitor, purpose, months, annual cost), seen on one day."""
    return pl.DataFrame([(*row[:3], Decimal(row[3]), on) for row in rows], schema=_MARKET, orient="row")


def instruments(*changes: dict[str, Any]) -> pl.DataFrame:
    """Wallets of the first customer on one account of 10,000 yuan, of which each may use 6,000, with changes."""
    plain = {
        "customer_token": token(0),
        "parent_account_token": "a",
        "channel": "wallet",
        "limit_cents": 600_000,
        "parent_limit_cents": 1_000_000,
        "used_cents": 0,
        "status": "active",
    }
    rows = [{**plain, "instrument_token": str(n), **change} for n, change in enumerate(changes)]
    return pl.DataFrame(rows, schema=_INSTRUMENT, orient="row")
