"""Whom to contact and why: budget help, follow-ups, early help, relief that is open, cases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from transforms.policy.reasons import LANGUAGES
from transforms.profile.salary import salary_fell
from transforms.servicing.cases import open_requests

if TYPE_CHECKING:
    from datetime import date

    from transforms.policy.policy import Policy
    from transforms.policy.reasons import Reasons

#: Kinds by priority, and whether the customer may opt out of them.
_KINDS = {
    "early_help": (1, False),
    "relief_open": (1, False),
    "case_answer": (1, False),
    "resume_early": (2, False),
    "follow_up": (3, True),
    "budget_tip": (3, True),
}
_PRESSED = ("art70_restructure", "payment_holiday")


def contact_queue(
    plan_progress: pl.DataFrame,
    second_installment: pl.DataFrame,
    payment_holiday: pl.DataFrame,
    customer_profile: pl.DataFrame,
    service_case_latest: pl.DataFrame,
    as_of: date,
    policy: Policy,
    reasons: Reasons,
) -> pl.DataFrame:
    """`servicing.contact_queue`: one row per contact due in the coming days or overdue.

    `plan_progress`, `second_installment`, `payment_holiday` and `customer_profile` are the night's tables,
    `service_case_latest` the latest rows of `credit.service_case`. There are no contacts in the policy's quiet hours,
    and no budget tips and follow-ups to customers who have opted out. Whoever keeps an agreement is not asked for
    money.
    """
    running = plan_progress.filter(status="running")
    parts = [
        _budget_tips(running, second_installment, as_of, policy),
        _follow_ups(running, payment_holiday, as_of, policy),
        _early_help(running, customer_profile, as_of, policy),
        _open_relief(second_installment, as_of, policy),
        _resumptions(payment_holiday, as_of, policy),
        _answers(service_case_latest, as_of, policy),
    ]
    queue = pl.concat(parts, how="diagonal_relaxed")
    refused = customer_profile.filter("marketing_opt_out").select("customer_token")
    optional = [kind for kind, (_, may) in _KINDS.items() if may]
    kept = pl.concat(
        [
            queue.filter(~pl.col("kind").is_in(optional)),
            queue.filter(pl.col("kind").is_in(optional)).join(refused, on="customer_token", how="anti"),
        ]
    )
    manner = _manner(service_case_latest)
    return _published(kept.join(manner, on="customer_token", how="left"), as_of, policy, reasons)


def _budget_tips(running: pl.DataFrame, routes: pl.DataFrame, as_of: date, policy: Policy) -> pl.DataFrame:
    """One tip per customer before the first due date of the coming month: dues by date, and the debt pressure."""
    until, month = (as_of + timedelta(days=d) for d in (policy.contact.tip_days, 30))
    dues = running.filter(pl.col("next_due_on").is_between(as_of, month, closed="right"))
    pressure = routes.group_by("customer_token").agg(pl.col("pressure_before_bp").max())
    return (
        dues.group_by("customer_token", "shard")
        .agg(
            pl.col("next_due_on").min().alias("due_on"),
            pl.col("next_open_cents").sum().alias("amount_cents"),
            pl.col("next_due_on").n_unique().alias("_days"),
        )
        .filter(pl.col("due_on") <= until)
        .join(pressure, on="customer_token", how="left")
        .with_columns(kind=pl.lit("budget_tip"), alert=pl.when(pl.col("_days") > 1).then(pl.lit("several_due_dates")))
        .drop("_days")
    )


def _follow_ups(running: pl.DataFrame, holidays: pl.DataFrame, as_of: date, policy: Policy) -> pl.DataFrame:
    """Days after the start, before the end, and after a holiday."""
    c = policy.contact
    start = [
        running.select(
            "customer_token",
            "shard",
            "plan_id",
            (pl.col("started_on") + timedelta(days=days)).alias("due_on"),
            pl.lit(f"day_{days}").alias("alert"),
        )
        for days in c.follow_up_days
    ]
    end = running.select(
        "customer_token",
        "shard",
        "plan_id",
        (pl.col("last_due_on") - timedelta(days=c.before_maturity_days)).alias("due_on"),
        pl.lit("before_end").alias("alert"),
    )
    after = holidays.filter(pl.col("holiday_state").is_in(["under_way", "ended"])).select(
        "customer_token", "shard", "plan_id", pl.col("resume_on").alias("due_on"), pl.lit("after_pause").alias("alert")
    )
    soon = pl.col("due_on").is_between(as_of, as_of + timedelta(days=c.tip_days), closed="right")
    return pl.concat([*start, end, after]).filter(soon).with_columns(kind=pl.lit("follow_up"))


def _early_help(running: pl.DataFrame, profile: pl.DataFrame, as_of: date, policy: Policy) -> pl.DataFrame:
    """Customers still on time whose salary has fallen by the stress the policy reckons with, or whose debits fail.

    One row per customer, about the plan that falls due first.
    """
    fell = salary_fell(policy.affordability.stress_income_drop_bp)
    seen = (
        pl.when(fell).then(pl.lit("income_fell")).when(pl.col("failed_debit_cnt_1m") > 0).then(pl.lit("failed_debit"))
    )
    signs = profile.select("customer_token", seen.alias("alert")).filter(pl.col("alert").is_not_null())
    return (
        running.filter((pl.col("own_dpd") == 0) & pl.col("next_due_on").is_not_null())
        .sort("next_due_on", "plan_id")
        .unique("customer_token", keep="first", maintain_order=True)
        .join(signs, on="customer_token")
        .select(
            "customer_token",
            "shard",
            "plan_id",
            "alert",
            pl.lit(as_of + timedelta(days=1)).alias("due_on"),
            pl.col("next_open_cents").alias("amount_cents"),
            pl.lit("early_help").alias("kind"),
        )
    )


def _open_relief(routes: pl.DataFrame, as_of: date, policy: Policy) -> pl.DataFrame:
    """Plans to which relief is open: the agreement where it is, else the holiday."""
    open_ones = routes.filter("eligible", pl.col("route").is_in(_PRESSED)).sort("plan_id", "route")
    return open_ones.unique("plan_id", keep="first", maintain_order=True).select(
        "customer_token",
        "shard",
        "plan_id",
        pl.col("route").alias("alert"),
        pl.col("payment_after_cents").alias("amount_cents"),
        "pressure_before_bp",
        "pressure_after_bp",
        pl.lit(as_of + timedelta(days=policy.contact.enquiry_days)).alias("due_on"),
        pl.lit("relief_open").alias("kind"),
    )


def _resumptions(holidays: pl.DataFrame, as_of: date, policy: Policy) -> pl.DataFrame:
    return holidays.filter("early_resume").select(
        "customer_token",
        "shard",
        "plan_id",
        pl.col("payment_after_cents").alias("amount_cents"),
        pl.lit(as_of + timedelta(days=policy.contact.enquiry_days)).alias("due_on"),
        pl.lit("resume_early").alias("kind"),
        pl.lit("income_back").alias("alert"),
    )


def _answers(cases: pl.DataFrame, as_of: date, policy: Policy) -> pl.DataFrame:
    """Open cases with the day by which they are to be answered; overdue ones stay until they are closed."""
    days = {
        "complaint": policy.contact.complaint_days,
        "enquiry": policy.contact.enquiry_days,
        "change_request": policy.contact.enquiry_days,
    }
    wishes = open_requests(cases, as_of, policy)["case_id"].to_list()
    waits = cases.filter(
        (pl.col("status") == "open")
        & (pl.col("kind").is_in(["complaint", "enquiry"]) | pl.col("case_id").is_in(wishes))
        & (pl.col("opened_on") <= as_of)
    )
    limit = pl.col("kind").replace_strict(days, default=0, return_dtype=pl.Int64)
    return waits.select(
        "customer_token",
        "shard",
        "plan_id",
        "case_id",
        (pl.col("opened_on") + pl.duration(days=limit)).alias("due_on"),
        pl.col("kind").alias("alert"),
        pl.lit("case_answer").alias("kind"),
    )


def _manner(cases: pl.DataFrame) -> pl.DataFrame:
    """How a customer was last spoken to: way, language, care."""
    newest = cases.sort("opened_on", "case_id").unique("customer_token", keep="last", maintain_order=True)
    return newest.select("customer_token", "channel", "language", "vulnerable")


def _published(queue: pl.DataFrame, as_of: date, policy: Policy, reasons: Reasons) -> pl.DataFrame:
    """The contract's columns, notes filled in."""
    about = pl.coalesce("case_id", "plan_id", pl.col("customer_token").cast(pl.String))
    day = pl.when(pl.col("kind").is_in(["budget_tip", "follow_up"])).then(pl.col("due_on").dt.to_string("%Y%m%d"))
    contact = pl.concat_str(["kind", about, pl.coalesce("alert", pl.lit("")), day.fill_null("")], separator=":")
    priority = {kind: rank for kind, (rank, _) in _KINDS.items()}
    optional = {kind: may for kind, (_, may) in _KINDS.items()}
    amount = pl.concat_str(
        [
            (pl.col("amount_cents") // 100).cast(pl.String),
            pl.lit("."),
            (pl.col("amount_cents") % 100).cast(pl.String).str.zfill(2),
        ]
    )
    key = pl.concat_str(["kind", pl.coalesce("alert", pl.lit(""))], separator=":")
    words = [
        _note(key, reasons.words("contact", language))
        .str.replace("{amount}", amount.fill_null(""), literal=True)
        .str.replace("{day}", pl.col("due_on").dt.to_string("%Y-%m-%d"), literal=True)
        for language in LANGUAGES
    ]
    return (
        queue.with_columns(
            as_of_date=pl.lit(as_of),
            contact_id=contact,
            priority=pl.col("kind").replace_strict(priority, return_dtype=pl.Int32),
            optional=pl.col("kind").replace_strict(optional, return_dtype=pl.Boolean),
            contact_from_h=pl.lit(policy.contact.quiet_to_h),
            contact_to_h=pl.lit(policy.contact.quiet_from_h),
            language=pl.col("language").fill_null("zh"),
            vulnerable=pl.col("vulnerable").fill_null(value=False),
            note_en=words[0],
            note_zh=words[1],
        )
        .with_columns(**{c: pl.lit(None) for c in _LATE if c not in queue.columns})
        .sort("priority", "due_on", "contact_id")
    )


def _note(key: pl.Expr, notes: dict[str, str]) -> pl.Expr:
    """The note of the contact's kind and sign, or of its kind where the sign says nothing more."""
    general = pl.col("kind").replace_strict(notes, return_dtype=pl.String)
    return key.replace_strict(notes, default=None, return_dtype=pl.String).fill_null(general)


_LATE = ("pressure_before_bp", "pressure_after_bp", "amount_cents", "case_id")
