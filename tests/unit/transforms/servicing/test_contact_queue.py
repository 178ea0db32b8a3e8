"""Contacts are due, said in both languages, outside quiet hours, and to nobody who opted out."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import polars as pl

from tests.unit.transforms.loans.cases import cases
from tests.unit.transforms.outputs import contact_queue
from tests.unit.transforms.second_cases import NIGHT
from tests.unit.transforms.second_installment.test_payment_holiday import holidays
from tests.unit.transforms.second_installment.test_second_installment import books_of
from tests.unit.transforms.support import policy, reasons, token


@cache
def queue(
    night: date = NIGHT, opt_out: bool = False, salary_bp: int = 10_000, failed: int = 0, labelled_bp: int = 10_000
) -> pl.DataFrame:
    b = books_of(NIGHT)
    profile = b.profile.with_columns(
        marketing_opt_out=pl.lit(opt_out),
        income_source=pl.lit("payroll"),
        salary_now_cents=pl.col("income_cents") * salary_bp // 10_000,
        salary_before_cents=pl.col("income_cents") * labelled_bp // 10_000,
        failed_debit_cnt_1m=pl.lit(failed, pl.Int64),
    )
    asked = cases(
        {"case_id": "C1", "kind": "complaint", "opened_on": date(2025, 7, 30), "language": "en", "vulnerable": True},
        {"case_id": "C2", "kind": "enquiry", "opened_on": date(2025, 7, 31)},
        {"case_id": "C3", "kind": "enquiry", "opened_on": date(2025, 7, 1), "status": "closed"},
    ).with_columns(shard=pl.lit(0, pl.Int16), plan_id=pl.lit(None, pl.String))
    return contact_queue(b.progress, b.routes, holidays(), profile, asked, night, policy(night), reasons(night))


def of(kind: str, **which: Any) -> pl.DataFrame:
    return queue(**which).filter(pl.col("kind") == kind)


def test_open_cases_are_answered_in_their_days_by_the_way_and_language_of_the_customer() -> None:
    rows = of("case_answer").sort("case_id").rows(named=True)
    assert [(r["case_id"], r["due_on"]) for r in rows] == [("C1", date(2025, 8, 14)), ("C2", date(2025, 8, 3))]
    assert {r["language"] for r in rows} == {"zh"}  # the customer's newest case
    assert rows[0]["note_en"] == "Answer the complaint by 2025-08-14."


def test_nobody_who_opted_out_gets_tips_or_follow_ups_and_everybody_gets_help_and_answers() -> None:
    later = {"night": date(2025, 8, 4)}
    assert of("budget_tip", **later).height > 0
    refused = queue(opt_out=True, **later)
    assert not refused["optional"].any()
    assert set(refused["kind"]) >= {"case_answer", "relief_open"}


def test_a_budget_tip_says_what_falls_due_and_when() -> None:
    row = of("budget_tip", night=date(2025, 8, 4)).filter(pl.col("amount_cents") == 106_619).row(0, named=True)
    assert row["due_on"] == date(2025, 8, 10)
    assert "1066.19 falls due in the next 30 days, the first of it on 2025-08-10" in row["note_en"]
    assert "2025-08-10" in row["note_zh"]


def test_a_fallen_salary_is_seen_before_the_first_missed_payment() -> None:
    seen = of("early_help", salary_bp=7_900)
    assert seen.height > 20
    assert set(seen["alert"]) == {"income_fell"}
    on_time = books_of(NIGHT).progress.filter(pl.col("own_dpd") == 0)["plan_id"].to_list()
    assert set(seen["plan_id"]) <= set(on_time)
    # The salary may fall by the policy's stress of a fifth before it is a sign.
    assert of("early_help", salary_bp=8_000).is_empty()
    assert set(of("early_help", failed=1)["alert"]) == {"failed_debit"}


def test_pay_that_bears_no_label_is_no_fall_of_the_salary() -> None:
    assert of("early_help", salary_bp=0).height > 20
    assert of("early_help", salary_bp=0, labelled_bp=0).is_empty()


def test_relief_that_is_open_is_told_with_the_pressure_before_and_after() -> None:
    rows = of("relief_open")
    assert rows.height > 5
    assert (rows["pressure_after_bp"] <= rows["pressure_before_bp"]).all()


def test_quiet_hours_are_kept_and_contacts_keep_their_number() -> None:
    rows = queue()
    assert set(rows["contact_from_h"]) == {8}
    assert set(rows["contact_to_h"]) == {22}
    assert rows["contact_id"].n_unique() == rows.height
    again = queue(night=date(2025, 8, 2))
    assert set(of("relief_open")["contact_id"]) == set(again.filter(kind="relief_open")["contact_id"])


def test_every_contact_has_its_words_filled_in() -> None:
    everything = pl.concat([queue(), queue(night=date(2025, 8, 4)), queue(salary_bp=5_000)])
    assert not everything["note_en"].str.contains(r"[{}]").any()
    assert everything["note_zh"].str.len_chars().min() > 5
    assert token(0)  # tokens only: notes name nobody
    assert not everything["note_en"].str.contains("0000-4000").any()
