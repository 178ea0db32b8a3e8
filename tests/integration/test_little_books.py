"""A lender without customers, without any plan, with settled ones only: its night is published, its groups empty."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from tests.integration.lab import TOKEN_KEY, Lab
from tests.unit.warehouse.support import write
from warehouse.contract import contract_names

if TYPE_CHECKING:
    from pathlib import Path

NIGHTS = [date(2026, 3, 29), date(2026, 3, 30), date(2026, 3, 31)]
Rows = dict[str, list[dict[str, Any]]]


def a_customer() -> Rows:
    """One customer with a year of wages, an account, a line and every consent."""
    who = {"customer_id": "C1"}
    flags = {"marketing_opt_out": False, "automated_decision_opt_out": False, "is_student": False}
    months = [date(2025, m, 10) for m in range(4, 13)] + [date(2026, m, 10) for m in (1, 2, 3)]
    scopes = ("bank_statement", "ecommerce", "credit_bureau", "data_sharing")
    since = date(2025, 1, 1)
    wage = {"account_id": "A1", "direction": "credit", "amount_cents": 1_000_000, "channel": "transfer"}
    return {
        "bank.customer": [
            {**who, **flags, "birth_date": date(1990, 5, 5), "onboarded_on": date(2020, 1, 1), "changed_on": since}
        ],
        "bank.consent": [
            {**who, "consent_id": scope, "consent_scope": scope, "granted_on": since, "changed_on": since}
            for scope in scopes
        ],
        "bank.account": [
            {**who, "account_id": "A1", "account_type": "current", "opened_on": since, "status": "open"}
            | {"changed_on": since}
        ],
        "bank.bank_transaction": [
            {
                **who,
                **wage,
                "transaction_id": f"L{n}",
                "posted_on": day,
                "counterparty_id": "E",
                "description": "代发工资",
            }
            for n, day in enumerate(months)
        ],
        "credit.customer_line": [
            {**who, "line_cents": 5_000_000, "used_cents": 0, "is_frozen": False, "changed_on": since}
        ],
    }


def a_settled_plan() -> Rows:
    """1,000 at 12 % in three installments, all paid."""
    plan = {"plan_id": "P1", "customer_id": "C1", "product_code": "card_general", "purpose_code": "general"}
    plan |= {"plan_seq": 1, "principal_cents": 100_000, "annual_rate": 0.12, "term_m": 3, "repay_method": "ANNUITY"}
    plan |= {"upfront_fee_cents": 0, "installment_cents": 34_002, "started_on": date(2025, 11, 10)}
    plan |= {"first_due_on": date(2025, 12, 10), "status": "settled", "changed_on": date(2026, 2, 12)}
    paid = {date(2025, 12, 10): 34_002, date(2026, 1, 10): 34_002, date(2026, 2, 10): 34_003}
    payments = [
        {"repayment_id": f"R{n}", "plan_id": "P1", "customer_id": "C1", "kind": "payment", "amount_cents": cents}
        | {"received_on": day, "value_on": day}
        for n, (day, cents) in enumerate(paid.items())
    ]
    return {"credit.installment_plan": [plan], "credit.repayment": payments}


def test_nights_without_customers_without_plans_and_with_a_settled_plan_only_are_published(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "token.key").write_text(TOKEN_KEY, encoding="ascii")
    lab = Lab(tmp_path)
    for night, came in zip(NIGHTS, ({}, a_customer(), a_settled_plan()), strict=True):
        for feed in contract_names("feed"):
            write(lab.feeds, feed, night, came.get(feed, []))
    done = lab.fenqi("backfill", "--from", str(NIGHTS[0]), "--to", str(NIGHTS[-1]))
    assert done.returncode == 0, done.stderr
    told = [
        [len(lab.tables(night)[name]) for name in ("eligibility.customer_eligibility", "servicing.plan_progress")]
        for night in NIGHTS
    ]
    assert told == [[0, 0], [1, 0], [1, 1]]
