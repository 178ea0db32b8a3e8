"""Every real debt once: what counts, what it takes a month, and whose it is."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from transforms.profile.debt_ledger import debt_ledger
from transforms.profile.parameters import ProfileParameters

NIGHT = date(2026, 3, 31)
STARTED = date(2025, 6, 5)
_I, _S, _B, _D = pl.Int64, pl.String, pl.Boolean, pl.Date
ACCOUNT: dict[str, Any] = {
    "customer_token": ("a", _S),
    "credit_account_token": ("k", _S),
    "shard": (0, _I),
    "status": ("open", _S),
    "is_own": (False, _B),
    "account_kind": ("consumer_loan", _S),
    "lender_code": ("L", _S),
    "opened_on": (STARTED, _D),
    "balance_cents": (5_001, _I),
    "credit_limit_cents": (9_000, _I),
    "monthly_payment_cents": (700, _I),
    "dpd": (0, pl.Int32),
    "overdue_cents": (0, _I),
    "reported_on": (NIGHT, _D),
}
PLAN: dict[str, Any] = {
    "customer_token": ("a", _S),
    "plan_id": ("p", _S),
    "shard": (0, _I),
    "started_on": (STARTED, _D),
    "open_cents": (60, _I),
    "outstanding_cents": (50, _I),
    "principal_cents": (100, _I),
    "monthly_payment_cents": (10, _I),
    "arrears_cents": (3, _I),
    "dpd": (0, pl.Int32),
}
SPOUSE: dict[str, Any] = {
    "customer_token": ("a", _S),
    "household_member_id": ("h", _S),
    "shard": (0, _I),
    "relation": ("spouse", _S),
    "signed_on": (NIGHT, _D),
    "ended_on": (None, _D),
    "changed_on": (NIGHT, _D),
    "monthly_service_cents": (900, _I),
}
CUSTOMER: dict[str, Any] = {"customer_token": ("a", _S), "shard": (0, _I), "marital_status": ("married", _S)}
CONSENT: dict[str, Any] = {"customer_token": ("a", _S), "consent_credit_bureau": (True, _B)}


def rows(columns: dict[str, Any], *changes: dict[str, Any]) -> pl.DataFrame:
    plain = {name: value for name, (value, _) in columns.items()}
    return pl.DataFrame([plain | change for change in changes], schema={c: t for c, (_, t) in columns.items()})


def ledger(
    accounts: list[dict[str, Any]],
    plans: list[dict[str, Any]] | None = None,
    *,
    spouses: list[dict[str, Any]] | None = None,
    consent: dict[str, Any] | None = None,
    counts: bool = False,
) -> dict[str, dict[str, Any]]:
    """The ledger's rows by debt."""
    made = debt_ledger(
        rows(CUSTOMER, {}),
        rows(CONSENT, consent or {}),
        rows(SPOUSE, *(spouses or [])),
        rows(ACCOUNT, *accounts),
        rows(PLAN, *(plans or [])),
        NIGHT,
        ProfileParameters(revolving_service_bp=1_000, spouse_counts=counts),
    )
    return {row["debt_id"]: row for row in made.iter_rows(named=True)}


def test_a_reported_payment_is_the_service_whatever_the_kind() -> None:
    found = ledger([{}, {"credit_account_token": "c", "account_kind": "credit_card", "monthly_payment_cents": 0}])
    assert {(d, r["monthly_service_cents"], r["service_basis"]) for d, r in found.items()} == {
        ("k", 700, "reported"),
        ("c", 0, "reported"),
    }


def test_a_card_without_a_payment_takes_a_tenth_rounded_up_and_a_loan_nothing() -> None:
    """A tenth of 50.01 is 5.001: 5.01."""
    unknown = {"monthly_payment_cents": None}
    found = ledger([unknown, unknown | {"credit_account_token": "c", "account_kind": "credit_card"}])
    assert (found["c"]["monthly_service_cents"], found["c"]["service_basis"]) == (501, "min_payment_share")
    assert (found["k"]["monthly_service_cents"], found["k"]["service_basis"]) == (0, "none")


@pytest.mark.parametrize(("status", "counts"), [("open", True), ("written_off", True), ("closed", False)])
def test_a_debt_is_one_that_is_open_or_written_off(status: str, *, counts: bool) -> None:
    assert bool(ledger([{"status": status}])) is counts


@pytest.mark.parametrize("consent", [{"consent_credit_bureau": False}, {"consent_credit_bureau": None}])
def test_the_bureau_is_not_read_without_consent_and_own_plans_are(consent: dict[str, Any]) -> None:
    assert set(ledger([{}], [{}], consent=consent)) == {"p"}


@pytest.mark.parametrize(
    ("account", "kept"),
    [
        ({"is_own": True}, False),
        ({"is_own": True, "account_kind": "installment_plan"}, False),
        ({"is_own": True, "account_kind": "credit_card"}, True),
        ({"is_own": False}, True),
        ({"is_own": True, "opened_on": date(2025, 6, 6)}, True),
        ({"is_own": True, "customer_token": "b"}, True),
    ],
)
def test_a_loan_of_the_lenders_own_opened_on_a_plans_day_is_that_plan(account: dict[str, Any], *, kept: bool) -> None:
    both = pl.DataFrame({"customer_token": ["a", "b"], "consent_credit_bureau": [True, True]})
    made = debt_ledger(
        rows(CUSTOMER, {}), both, rows(SPOUSE), rows(ACCOUNT, account), rows(PLAN, {}), NIGHT, ProfileParameters()
    )
    assert ("k" in made["debt_id"].to_list()) is kept


def test_an_own_plan_counts_while_anything_is_owed_on_it() -> None:
    found = ledger([], [{}, {"plan_id": "paid", "open_cents": 0}, {"plan_id": "cent", "open_cents": 1}])
    assert set(found) == {"p", "cent"}
    plan = found["p"]
    figures = ("balance_cents", "credit_limit_cents", "monthly_service_cents", "overdue_cents", "is_own", "debt_source")
    assert [plan[name] for name in figures] == [50, 100, 10, 3, True, "own_plan"]


def test_what_a_lender_takes_is_summed_over_its_debts() -> None:
    """Own plans and own accounts are one lender; two accounts whose lender is not known are two."""
    found = ledger(
        [
            {"monthly_payment_cents": 1},
            {"credit_account_token": "same", "monthly_payment_cents": 2},
            {"credit_account_token": "own", "is_own": True, "account_kind": "credit_card", "monthly_payment_cents": 4},
            {"credit_account_token": "x", "lender_code": None, "monthly_payment_cents": 8},
            {"credit_account_token": "y", "lender_code": None, "monthly_payment_cents": 16},
        ],
        [{"monthly_payment_cents": 32}],
    )
    taken = {debt: row["lender_service_cents"] for debt, row in found.items()}
    assert taken == {"k": 3, "same": 3, "own": 36, "p": 36, "x": 8, "y": 16}


def test_a_spouses_debts_count_where_the_policy_counts_spouses() -> None:
    assert ledger([], spouses=[{}]) == {}
    found = ledger([], spouses=[{}], counts=True)["h"]
    figures = ("debt_source", "is_own", "balance_cents", "monthly_service_cents", "overdue_cents", "service_basis")
    assert [found[name] for name in figures] == ["household", False, 0, 900, 0, "declared"]
    assert ledger([], spouses=[{"monthly_service_cents": 0}], counts=True) == {}
    assert ledger([], spouses=[{"monthly_service_cents": 1}], counts=True) != {}
