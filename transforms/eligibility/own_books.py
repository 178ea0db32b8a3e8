"""What the lender's own books say of a customer: plans paid on time in a row, how far they are paid, since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.eligibility.policy_sections import EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from polars.datatypes import DataType, DataTypeClass

    from transforms.eligibility.policy import Policy

#: Columns of the frame that :func:`own_books_sql` gives, one row per customer with a plan, a line or an open case.
COLUMNS: Mapping[str, DataType | DataTypeClass] = {
    "customer_token": pl.String,
    "on_time_payment_cnt": pl.Int32,
    "plan_on_book_m": pl.Int32,
    "plan_paid_bp": pl.Int32,
    "hardship_evidence": pl.String,
    "line_changed_on": pl.Date,
}


def own_books_sql(as_of: date, plans: str, repayments: str, lines: str, cases: str) -> str:
    """SQL of one row per customer, from texts that can stand in brackets after FROM.

    `plans`, `lines` and `cases` are the latest state of `credit.installment_plan`, `credit.customer_line` and
    `credit.hardship_case`, `repayments` the rows of `credit.repayment`.

    `on_time_payment_cnt`: installments paid in full by their due date since the last that was not, over all plans in
    order of due date; `plan_on_book_m`: full months since the first plan began; `plan_paid_bp`: share of all that the
    plans cost that has been paid, in basis points, rounded down; `hardship_evidence`: how far evidence of an open case
    of hardship has come at most (what was rejected is none); `line_changed_on`: day of the line's last change.

    What is due by an installment follows the method: the regular payment times its number; with equal principal the
    principal's share and the interest on what was left; interest first, then all. A cent an installment is let pass
    for rounding. Waivers and early settlements count as paid, reversals take back from their value date on.
    """
    day = f"DATE '{as_of}'"
    return f"""
    WITH plan AS (
      SELECT *, installment_cents::DOUBLE * term_m AS planned_cents FROM ({plans}) WHERE status <> 'cancelled'
    ), moved AS (
      SELECT plan_id, value_on, sum(CASE kind WHEN 'failed_debit' THEN 0 WHEN 'reversal' THEN -amount_cents
        ELSE amount_cents END)::BIGINT AS cents
      FROM {repayments} WHERE value_on <= {day} GROUP BY ALL
    ), paid AS (
      SELECT plan_id, value_on, sum(cents) OVER (PARTITION BY plan_id ORDER BY value_on)::BIGINT AS paid_cents
      FROM moved
    ), due AS (
      SELECT customer_token, plan_id, n, (first_due_on + to_months((n - 1)::INTEGER))::DATE AS due_on,
        CASE repay_method
          WHEN 'EQ_PRIN' THEN principal_cents * n / term_m::DOUBLE
            + annual_rate::DOUBLE / 12 * (principal_cents * n - principal_cents / term_m::DOUBLE * n * (n - 1) / 2)
          WHEN 'INT_FIRST' THEN installment_cents * n + CASE WHEN n = term_m THEN principal_cents ELSE 0 END
          ELSE installment_cents * n END - n AS due_cents
      FROM plan, unnest(range(1, term_m + 1)) AS numbers(n)
      WHERE first_due_on + to_months((n - 1)::INTEGER) <= {day}
    ), judged AS (
      SELECT customer_token, due_on, due.plan_id, coalesce(paid_cents, 0) >= due_cents AS on_time
      FROM due ASOF LEFT JOIN paid ON due.plan_id = paid.plan_id AND due.due_on >= paid.value_on
    ), missed AS (
      SELECT customer_token, max(due_on) AS last_missed_on FROM judged WHERE NOT on_time GROUP BY customer_token
    ), streak AS (
      SELECT customer_token, count(*)::INTEGER AS on_time_payment_cnt
      FROM judged LEFT JOIN missed USING (customer_token)
      WHERE on_time AND due_on > coalesce(last_missed_on, DATE '1900-01-01') GROUP BY customer_token
    ), settled AS (SELECT plan_id, sum(cents)::BIGINT AS paid_cents FROM moved GROUP BY plan_id
    ), book AS (
      SELECT customer_token, date_sub('month', min(started_on), {day})::INTEGER AS plan_on_book_m,
        floor(sum(CASE WHEN status = 'settled' THEN planned_cents
          ELSE least(coalesce(paid_cents, 0), planned_cents) END) * 10000 / sum(planned_cents))::INTEGER AS plan_paid_bp
      FROM plan LEFT JOIN settled USING (plan_id) GROUP BY customer_token
    ), line AS (SELECT customer_token, changed_on AS line_changed_on FROM ({lines})
    ), hardship AS (
      SELECT customer_token, arg_max(evidence, list_position({list(EVIDENCE)}, evidence)) AS hardship_evidence
      FROM (SELECT customer_token, CASE evid_status WHEN 'rejected' THEN 'none' ELSE evid_status END AS evidence
        FROM ({cases}) WHERE status = 'open')
      GROUP BY customer_token
    )
    SELECT customer_token, CASE WHEN plan_on_book_m IS NOT NULL THEN coalesce(on_time_payment_cnt, 0) END
        AS on_time_payment_cnt, plan_on_book_m, plan_paid_bp, hardship_evidence, line_changed_on
    FROM book LEFT JOIN streak USING (customer_token) FULL JOIN line USING (customer_token)
    FULL JOIN hardship USING (customer_token)
    """


def no_books() -> pl.DataFrame:
    """The books of a lender that has neither plans nor lines."""
    return pl.DataFrame(schema=COLUMNS)


def second_plan_gate(policy: Policy) -> pl.Expr:
    """Whether a customer may have a further plan, or what stands against it (M62).

    `no_plan`: there is none yet; `broken`: a plan was broken, without the evidence that the hardship route asks for;
    `broken_with_evidence`: with it; `too_many`: as many plans are open as may be; `too_early`, `too_little_paid`: the
    plans so far are too young, or too little of them is paid; `passed`. Reads columns of the profile and the books.
    """
    gate = policy.second_plan
    enough = EVIDENCE[EVIDENCE.index(policy.restructure.evidence) :]
    shown = pl.col("hardship_evidence").is_in(enough).fill_null(value=False)
    opened = pl.col("running_plan_cnt").fill_null(0) + pl.col("broken_plan_cnt").fill_null(0)
    return (
        pl.when(pl.col("plan_on_book_m").is_null())
        .then(pl.lit("no_plan"))
        .when(pl.col("broken_plan_cnt").fill_null(0) > 0)
        .then(pl.when(shown).then(pl.lit("broken_with_evidence")).otherwise(pl.lit("broken")))
        .when(opened >= gate.max_plans)
        .then(pl.lit("too_many"))
        .when(pl.col("plan_on_book_m") < gate.min_on_book_m)
        .then(pl.lit("too_early"))
        .when(pl.col("plan_paid_bp") < gate.min_paid_bp)
        .then(pl.lit("too_little_paid"))
        .otherwise(pl.lit("passed"))
    )
