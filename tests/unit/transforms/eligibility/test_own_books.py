"""On-time payments in a row, what is paid and since when, by hand; who may have a further plan (M52, M62)."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import polars as pl
import pytest

from tests.unit.transforms.eligibility.support import NIGHT, policy
from transforms.eligibility.own_books import COLUMNS, own_books_sql, second_plan_gate

PLAN: dict[str, Any] = {
    "customer_token": "c",
    "plan_id": "p1",
    "principal_cents": 1_200_000,
    "annual_rate": 0.0,
    "term_m": 12,
    "repay_method": "ANNUITY",
    "installment_cents": 100_000,
    "started_on": date(2025, 10, 1),
    "first_due_on": date(2025, 11, 1),
    "status": "running",
}


def paid(*rows: tuple[str, date, int], kind: str = "payment") -> list[dict[str, Any]]:
    return [{"plan_id": plan, "value_on": day, "amount_cents": cents, "kind": kind} for plan, day, cents in rows]


def books(
    plans: list[dict[str, Any]],
    repayments: list[dict[str, Any]],
    lines: list[dict[str, Any]] | None = None,
    cases: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """The one customer's row on 2026-03-10."""
    schemas = {
        "plans": {"customer_token": "VARCHAR", "plan_id": "VARCHAR", "principal_cents": "BIGINT"}
        | {"annual_rate": "DECIMAL(9,6)", "term_m": "INTEGER", "repay_method": "VARCHAR", "installment_cents": "BIGINT"}
        | {"started_on": "DATE", "first_due_on": "DATE", "status": "VARCHAR"},
        "repayments": {"plan_id": "VARCHAR", "value_on": "DATE", "amount_cents": "BIGINT", "kind": "VARCHAR"},
        "lines": {"customer_token": "VARCHAR", "changed_on": "DATE"},
        "cases": {"customer_token": "VARCHAR", "evid_status": "VARCHAR", "status": "VARCHAR"},
    }
    with duckdb.connect() as con:
        for (name, schema), rows in zip(schemas.items(), (plans, repayments, lines or [], cases or []), strict=True):
            con.execute(f"CREATE TABLE {name} ({', '.join(f'{c} {t}' for c, t in schema.items())})")
            for row in rows:
                con.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(schema))})", [row[c] for c in schema])
        cursor = con.execute(own_books_sql(NIGHT, "FROM plans", "repayments", "FROM lines", "FROM cases"))
        names = [d[0] for d in cursor.description or ()]
        (row,) = cursor.fetchall()
    assert names == list(COLUMNS)
    return dict(zip(names, row, strict=True))


FIVE = [("p1", date(2025, 11, 1), 100_000), ("p1", date(2025, 12, 1), 100_000), ("p1", date(2026, 1, 1), 100_000)]
FIVE += [("p1", date(2026, 2, 1), 100_000), ("p1", date(2026, 3, 1), 100_000)]


def test_installments_paid_on_their_day_are_counted() -> None:
    """Five of twelve have fallen due and are paid: 41.66 % of what the plan costs, five months on the books."""
    found = books([PLAN], paid(*FIVE))
    assert (found["on_time_payment_cnt"], found["plan_paid_bp"], found["plan_on_book_m"]) == (5, 4_166, 5)
    assert found["line_changed_on"] is None


@pytest.mark.parametrize(
    ("repayments", "count"),
    [
        (paid(*FIVE[:1], ("p1", date(2025, 12, 2), 100_000), *FIVE[2:]), 3),  # December a day late: three since
        (paid(("p1", date(2025, 11, 1), 500_000)), 5),  # all paid ahead
        (paid(*FIVE[:4]), 0),  # March is missing
        (paid(*FIVE[:4], ("p1", date(2026, 3, 1), 99_990)), 0),  # ten cents short are short
        (paid(*FIVE[:4], ("p1", date(2026, 3, 1), 99_996)), 5),  # a cent an installment is rounding
        (paid(*FIVE) + paid(("p1", date(2026, 3, 1), 100_000), kind="reversal"), 0),  # taken back
        (paid(*FIVE) + paid(("p1", date(2026, 2, 1), 100_000), kind="failed_debit"), 5),  # brought nothing
        (paid(*FIVE[:4]) + paid(("p1", date(2026, 2, 28), 100_000), kind="waiver"), 5),
        ([], 0),
    ],
)
def test_the_row_is_broken_by_what_was_not_paid_by_its_day(repayments: list[dict[str, Any]], count: int) -> None:
    assert books([PLAN], repayments)["on_time_payment_cnt"] == count


def test_a_backdated_payment_counts_from_its_value_date_and_the_future_not_at_all() -> None:
    later = paid(*FIVE, ("p1", date(2026, 3, 11), 100_000))
    assert books([PLAN], later)["plan_paid_bp"] == 4_166


def test_plans_are_counted_together_in_order_of_their_due_dates() -> None:
    second = {**PLAN, "plan_id": "p2", "first_due_on": date(2026, 2, 5), "started_on": date(2026, 1, 5)}
    missed_then_paid = paid(*FIVE, ("p2", date(2026, 2, 6), 100_000), ("p2", date(2026, 3, 5), 100_000))
    found = books([PLAN, second], missed_then_paid)
    assert found["on_time_payment_cnt"] == 2, "after 5 February: 1 March and 5 March"
    assert (found["plan_on_book_m"], found["plan_paid_bp"]) == (5, 2_916)
    assert books([PLAN, {**second, "status": "cancelled"}], paid(*FIVE))["on_time_payment_cnt"] == 5


@pytest.mark.parametrize(
    ("method", "payments"),
    [
        ("EQ_PRIN", [(n, 100_000 + 12_000 - 1_000 * n) for n in range(5)]),  # 1 % a month on what is left
        ("INT_FIRST", [(n, 12_000) for n in range(5)]),
    ],
)
def test_what_falls_due_follows_the_method(method: str, payments: list[tuple[int, int]]) -> None:
    plan = {**PLAN, "repay_method": method, "annual_rate": 0.12, "installment_cents": payments[0][1]}
    days = [day for _, day, _ in FIVE]
    whole = [("p1", days[n], cents) for n, cents in payments]
    assert books([plan], paid(*whole))["on_time_payment_cnt"] == 5
    short = [*whole[:4], ("p1", days[4], payments[4][1] - 100)]
    assert books([plan], paid(*short))["on_time_payment_cnt"] == 0


def test_a_customer_with_a_line_and_no_plan_has_a_row() -> None:
    found = books([], [], [{"customer_token": "c", "changed_on": date(2025, 6, 1)}])
    assert found == {**dict.fromkeys(COLUMNS), "customer_token": "c", "line_changed_on": date(2025, 6, 1)}


def test_the_best_evidence_of_an_open_case_counts_and_a_rejected_one_is_none() -> None:
    def case(evidence: str, status: str = "open") -> dict[str, Any]:
        return {"customer_token": "c", "evid_status": evidence, "status": status}

    cases = [case("rejected"), case("received"), case("verified", "closed"), case("requested")]
    assert books([PLAN], [], cases=cases)["hardship_evidence"] == "received"
    assert books([], [], cases=cases[:1])["hardship_evidence"] == "none"
    assert books([PLAN], [], cases=[case("verified", "closed")])["hardship_evidence"] is None


@pytest.mark.parametrize(
    ("known", "gate"),
    [
        ({"plan_on_book_m": None, "plan_paid_bp": None}, "no_plan"),
        ({}, "passed"),
        ({"plan_on_book_m": 5}, "too_early"),
        ({"plan_paid_bp": 4_999}, "too_little_paid"),
        ({"running_plan_cnt": 2}, "too_many"),
        ({"running_plan_cnt": 1, "broken_plan_cnt": 1}, "broken"),
        ({"broken_plan_cnt": 1, "hardship_evidence": "requested"}, "broken"),
        ({"broken_plan_cnt": 1, "hardship_evidence": "verified"}, "broken_with_evidence"),
        ({"running_plan_cnt": 0}, "passed"),
    ],
)
def test_the_gate_to_a_further_plan_names_what_stands_against_it(known: dict[str, Any], gate: str) -> None:
    """M62: six months on the books, half paid, fewer than two open plans, none broken."""
    plain = {"plan_on_book_m": 6, "plan_paid_bp": 5_000, "running_plan_cnt": 1, "broken_plan_cnt": 0}
    schema: dict[str, Any] = {**dict.fromkeys(plain, pl.Int32), "hardship_evidence": pl.String}
    row = pl.DataFrame([dict.fromkeys(schema) | plain | known], schema=schema)
    assert row.select(second_plan_gate(policy())).item() == gate
