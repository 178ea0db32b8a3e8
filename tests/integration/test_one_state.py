"""One state of a plan: every published table says the same of it, however its history was delivered."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.lab import DATES, TOKEN_KEY, Lab
from tests.unit.transforms.loans.worked_plans import NIGHT, PLAN, WORKED, Worked
from tests.unit.warehouse.support import write
from warehouse.contract import contract_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: Plans whose figures are not those of the tables that stand on the progress; a row is a fault.
DISAGREEMENTS: Mapping[str, str] = {
    "ledger": """
        SELECT p.plan_id FROM lake.servicing.plan_progress p
        FULL JOIN (FROM lake.profile.debt_ledger WHERE debt_source = 'own_plan') l
          ON l.as_of_date = p.as_of_date AND l.debt_id = p.plan_id
        WHERE (p.open_cents > 0) IS DISTINCT FROM (l.debt_id IS NOT NULL)
           OR (l.debt_id IS NOT NULL AND (l.balance_cents, l.overdue_cents, l.dpd, l.monthly_service_cents)
               IS DISTINCT FROM (p.outstanding_cents, p.arrears_cents, p.dpd, p.monthly_payment_cents))""",
    "profile": """
        SELECT c.customer_token FROM lake.profile.customer_profile c LEFT JOIN (
            SELECT as_of_date, customer_token, sum(outstanding_cents) owed, sum(arrears_cents) late, max(own_dpd) dpd,
                sum(on_time_streak_cnt) streak, sum(total_cents - open_cents) * 10000 // sum(total_cents) paid
            FROM lake.servicing.plan_progress WHERE status <> 'cancelled' GROUP BY ALL) p
          USING (as_of_date, customer_token)
        WHERE (c.plan_outstanding_cents, c.plan_arrears_cents, c.own_dpd, c.on_time_payment_cnt) IS DISTINCT FROM
              (coalesce(owed, 0), coalesce(late, 0), coalesce(dpd, 0), coalesce(streak, 0))
           OR c.plan_paid_bp IS DISTINCT FROM paid""",
    "eligibility": """
        SELECT e.customer_token FROM lake.eligibility.customer_eligibility e
        JOIN lake.profile.customer_profile c USING (as_of_date, customer_token)
        WHERE (e.on_time_payment_cnt, e.plan_paid_bp) IS DISTINCT FROM (c.on_time_payment_cnt, c.plan_paid_bp)""",
    "reasons": """
        SELECT e.customer_token FROM lake.eligibility.customer_eligibility e
        JOIN lake.profile.customer_profile c USING (as_of_date, customer_token)
        WHERE list_contains(e.reasons, 'plan_in_arrears') <> (c.own_dpd > 3)
           OR list_contains(e.reasons, 'plan_classified') <> (c.five_class IN ('substandard', 'doubtful', 'loss'))""",
    "portfolio": """
        SELECT m.as_of_date FROM (
            SELECT as_of_date, sum(amount_cents) cents FROM lake.monitoring.portfolio
            WHERE measure = 'five_class' AND segment = 'all' AND period = as_of_date GROUP BY ALL) m
        JOIN (SELECT as_of_date, sum(outstanding_cents) owed FROM lake.servicing.plan_progress GROUP BY ALL) p
          USING (as_of_date) WHERE cents <> owed""",
    "settlement": """
        SELECT p.plan_id FROM lake.servicing.plan_progress p JOIN lake.eligibility.second_installment s
          ON s.as_of_date = p.as_of_date AND s.plan_id = p.plan_id AND s.route = 'early_settlement' AND s.eligible
        WHERE s.amount_cents <> greatest(0, outstanding_cents - unearned_cents + earned_cents + arrears_interest_cents
                                            - carried_cents)""",
    "schedule": """
        SELECT p.plan_id FROM lake.servicing.plan_progress p LEFT JOIN (
            SELECT as_of_date, plan_id, sum(payment_cents) total FROM lake.eligibility.plan_schedule
            WHERE version_state = 'in_force' GROUP BY ALL) s USING (as_of_date, plan_id)
        WHERE p.status = 'running' AND p.spec_tran_types = [] AND p.waived_cents = 0 AND p.open_cents > 0
          AND s.total IS DISTINCT FROM p.total_cents""",
}


@pytest.mark.parametrize("reader", DISAGREEMENTS)
def test_simulated_nights_say_the_same_of_every_plan(forward: Lab, reader: str) -> None:
    assert forward.query(DISAGREEMENTS[reader]) == []
    ((counted,),) = forward.query("SELECT count(*) FROM lake.servicing.plan_progress WHERE open_cents > 0")
    assert counted > 10 * len(DATES)


def rows_of(number: int, one: Worked) -> list[tuple[date, str, dict[str, Any]]]:
    """(day it was so, feed, row) of a customer with one worked plan."""
    who, since = {"customer_id": f"W{number:02d}"}, date(2024, 1, 1)
    plan, terms = f"P{number:02d}", {**PLAN, **one.plan}
    flags = {"marketing_opt_out": False, "automated_decision_opt_out": False, "is_student": False}
    about = {**who, "plan_id": plan}
    rows: list[tuple[date, str, dict[str, Any]]] = [
        (
            since,
            "bank.customer",
            {**who, **flags, "birth_date": date(1990, 5, 5), "onboarded_on": since, "changed_on": since},
        ),
        (
            since,
            "bank.account",
            {**who, "account_id": f"A{number:02d}", "account_type": "current", "opened_on": since, "status": "open"}
            | {"changed_on": since},
        ),
        (
            since,
            "credit.customer_line",
            {**who, "line_cents": 5_000_000, "used_cents": 0, "is_frozen": False, "changed_on": since},
        ),
    ]
    for scope in ("bank_statement", "ecommerce", "credit_bureau", "data_sharing"):
        consent = {"consent_id": f"K{number:02d}{scope}", "consent_scope": scope, "granted_on": since}
        rows.append((since, "bank.consent", {**who, **consent, "changed_on": since}))
    booked = {**about, **terms, "annual_rate": Decimal(terms["annual_rate"]), "purpose_code": "general", "plan_seq": 1}
    booked |= {"upfront_fee_cents": 0, "changed_on": terms["started_on"]}
    rows.append((terms["started_on"], "credit.installment_plan", booked))
    if one.closed:
        status, day = one.closed
        rows.append((day, "credit.installment_plan", {**booked, "status": status, "changed_on": day}))
    for k, (day, cents, *more) in enumerate(one.money):
        kind, value, back = (*more, *(None,) * (3 - len(more)))
        money = {**about, "repayment_id": f"{plan}-{k}", "kind": kind or "payment", "amount_cents": cents}
        money |= {"received_on": day, "value_on": value or day}
        rows.append((day, "credit.repayment", money | ({} if back is None else {"reverses_id": f"{plan}-{back}"})))
    for k, (route, asked, agreed, given) in enumerate(one.changes):
        case = {**about, "route": route, "channel": "app", "language": "zh", "vulnerable": False, "status": "closed"}
        request = {"case_id": f"{plan}Q{k}", "kind": "change_request", "opened_on": asked, "changed_on": asked}
        signed = {"case_id": f"{plan}A{k}", "kind": "acceptance", "refers_to": request["case_id"], "opened_on": agreed}
        rows.append((asked, "credit.service_case", {**case, **request}))
        rows.append((agreed, "credit.service_case", {**case, **signed, **given, "changed_on": agreed}))
    if one.hardship:
        case = {**about, "case_id": f"{plan}H", "cause": "income_loss", "evid_status": "verified", "status": "open"}
        case |= {"willing_to_pay": True, "opened_on": one.hardship, "changed_on": one.hardship}
        rows.append((one.hardship, "credit.hardship_case", case))
    return rows


def delivered(home: Path, days: list[date]) -> Lab:
    """A warehouse whose rows came on the first of `days` that is not before the day they speak of."""
    (home / "keys").mkdir(parents=True)
    (home / "keys" / "token.key").write_text(TOKEN_KEY, encoding="ascii")
    lab = Lab(home)
    came: dict[tuple[date, str], list[dict[str, Any]]] = {}
    for number, one in enumerate(WORKED):
        for day, feed, row in rows_of(number, one):
            came.setdefault((next(d for d in days if d >= day), feed), []).append(row)
    for day in days:
        for feed in contract_names("feed"):
            if day in (days[0], days[-1]) or (day, feed) in came:
                write(lab.feeds, feed, day, came.get((day, feed), []))
    done = lab.fenqi("night", "--date", str(NIGHT))
    assert done.returncode == 0, done.stderr + done.stdout
    return lab


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """All of it came in one delivery on the night."""
    return delivered(tmp_path_factory.mktemp("history") / "home", [NIGHT])


def test_worked_plans_stand_as_they_should_in_every_table(history: Lab) -> None:
    for number, one in enumerate(WORKED):
        columns = ", ".join(one.expected)
        found = history.query(f"SELECT {columns} FROM lake.servicing.plan_progress WHERE plan_id = 'P{number:02d}'")
        assert found == [tuple(one.expected.values())], one.name
    for reader, query in DISAGREEMENTS.items():
        assert history.query(query) == [], reader


def test_a_history_in_one_delivery_is_the_same_as_night_by_night(history: Lab, tmp_path: Path) -> None:
    """The first delivery is the history up to then; each later row came on its own day."""
    first = date(2026, 3, 8)
    later = {day for n, one in enumerate(WORKED) for day, _, _ in rows_of(n, one) if day > first}
    daily = delivered(tmp_path / "home", [first, *sorted(later | {NIGHT})])
    once, every = history.tables(NIGHT), daily.tables(NIGHT)
    assert [name for name in once if once[name] != every[name]] == []
