"""From arrays to the bureau and card feeds: one block's frames in the contracts' columns, with `_arrival` (epoch day).

A customer's row carries the same key whatever the simulation's length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from warehouse.simulator import bureau
from warehouse.simulator.columns import CUSTOMER_ID, chosen, days, padded, text_of
from warehouse.simulator.draws import serial_within
from warehouse.simulator.feeds import simulates
from warehouse.simulator.planting import BadRows, Twice, negative, no_date, unknown
from warehouse.simulator.timeline import month_of, month_start

if TYPE_CHECKING:
    from warehouse.simulator.arrivals import Post
    from warehouse.simulator.bureau import Accounts, Inquiries, Reports
    from warehouse.simulator.cards import Cards
    from warehouse.simulator.plans import Plans
    from warehouse.simulator.population import Population
    from warehouse.simulator.repayments import Servicing
    from warehouse.simulator.timeline import Timeline

_LENDERS = [f"L{i:02d}" for i in range(bureau.LENDERS + 1)]


@simulates(
    "credit.credit_account",
    bad_rows=(
        unknown("account_kind"),
        BadRows("overdue_without_days", "overdue_has_days", {"overdue_cents": 10_000, "dpd": 0}),
    ),
    twice=Twice("balance_cents"),
)
def credit_account(people: Population, held: Accounts, reports: Reports, own: pl.DataFrame) -> pl.DataFrame:
    """Bureau reports of other lenders' accounts, and the lender's own as its books give them."""
    at = reports.account
    loan = held.kind[at] != bureau.CARD
    opened = held.opened_month[at]
    frame = pl.DataFrame(
        {
            "_number": people.number[held.customer[at]],
            "_serial": held.serial[at],
            "reported_on": days(reports.reported),
            "lender_code": chosen(_LENDERS, held.lender[at]),
            "account_kind": chosen(bureau.KINDS, held.kind[at]),
            "opened_on": days(month_start(opened) + held.due_day[at] - 1),
            "credit_limit_cents": held.limit[at],
            "balance_cents": reports.balance,
            "_payment": held.payment[at],
            "_left": reports.left.astype(np.int32),
            "_loan": loan,
            "dpd": reports.dpd.astype(np.int32),
            "overdue_cents": reports.overdue,
            "status": chosen(bureau.STATUSES, reports.status),
            "_arrival": reports.arrival,
        }
    )
    others = frame.select(
        text_of("CR", padded("_number", 7), padded("_serial", 2)).alias("credit_account_id"),
        "reported_on",
        CUSTOMER_ID.alias("customer_id"),
        "lender_code",
        pl.lit(value=False).alias("is_own"),
        "account_kind",
        "opened_on",
        "credit_limit_cents",
        "balance_cents",
        pl.when("_loan").then("_payment").alias("monthly_payment_cents"),
        pl.when("_loan").then("_left").alias("remaining_term_m"),
        "dpd",
        "overdue_cents",
        "status",
        "_arrival",
    )
    return pl.concat([others, own.select(others.columns)])


def own_accounts(people: Population, timeline: Timeline, held: Cards, booked: Plans, served: Servicing) -> pl.DataFrame:
    """The lender's own cards and plans at each month's end, as it reports them itself."""
    frames = [_own_cards(people, held)]
    for k, month in enumerate(timeline.months):
        end = int(month_start(month + 1)) - 1
        plan = np.flatnonzero((served.outstanding[k] > 0) & (booked.start_month <= month))
        behind = served.behind[k][plan]
        overdue = np.minimum(behind * booked.installment[plan], served.outstanding[k][plan])
        due = month_start(month) + np.minimum(booked.anchor[plan], 28) - 1
        frames.append(
            pl.DataFrame(
                {
                    "_number": people.number[booked.customer[plan]],
                    "_kind": np.full(plan.size, "OP"),
                    "_serial": booked.seq[plan],
                    "reported_on": days(np.full(plan.size, end)),
                    "account_kind": np.full(plan.size, "installment_plan"),
                    "opened_on": days(booked.started[plan]),
                    "credit_limit_cents": booked.principal[plan],
                    "balance_cents": served.outstanding[k][plan],
                    "monthly_payment_cents": booked.installment[plan],
                    "remaining_term_m": np.maximum(
                        booked.term[plan] - np.maximum(month - booked.start_month[plan], 0), 0
                    ).astype(np.int32),
                    "dpd": np.where(behind > 0, 30 * (behind - 1) + np.maximum(end - due, 1), 0).astype(np.int32),
                    "overdue_cents": overdue,
                    "_arrival": np.full(plan.size, end + 1),
                }
            )
        )
    return pl.concat(frames).with_columns(
        text_of(pl.col("_kind"), padded("_number", 7), padded("_serial", 2)).alias("credit_account_id"),
        CUSTOMER_ID.alias("customer_id"),
        pl.lit("L00").alias("lender_code"),
        pl.lit(value=True).alias("is_own"),
        pl.lit("open").alias("status"),
    )


def _own_cards(people: Population, held: Cards) -> pl.DataFrame:
    """Own cards at a month's end, one report a cycle, once its due date has passed."""
    x = held.statements
    month = month_of(x.cycle_end)
    # Due dates fall 20 days on: cycles that end by the 8th are due within any month, the others in the next at latest.
    month = month + (x.cycle_end - month_start(month) >= 8)
    end = month_start(month + 1) - 1
    days_late = np.where(x.past_due > 0, 30 * (x.past_due - 1) + np.maximum(end - x.due, 1), 0)
    return pl.DataFrame(
        {
            "_number": people.number[x.customer],
            "_kind": np.full(x.customer.size, "OC"),
            "_serial": np.zeros(x.customer.size, np.int64),
            "reported_on": days(end),
            "account_kind": np.full(x.customer.size, "credit_card"),
            "opened_on": days(held.opened[x.customer]),
            "credit_limit_cents": x.limit,
            "balance_cents": x.balance - x.paid,
            "monthly_payment_cents": pl.Series([None] * x.customer.size, dtype=pl.Int64),
            "remaining_term_m": pl.Series([None] * x.customer.size, dtype=pl.Int32),
            "dpd": days_late.astype(np.int32),
            "overdue_cents": np.where(x.past_due > 0, np.minimum(x.min_due * x.past_due, x.balance), 0),
            "_arrival": end + 1,
        }
    )


@simulates(
    "credit.card_statement",
    bad_rows=(
        BadRows("impossible_count", "months_past_due_in_range", {"months_past_due": 99}),
        negative("paid_cents"),
    ),
)
def card_statement(people: Population, carded: Cards, post: Post) -> pl.DataFrame:
    """Cycles of own cards, known the day after their due date."""
    x = carded.statements
    frame = pl.DataFrame(
        {
            "_number": people.number[x.customer],
            "cycle_end": days(x.cycle_end),
            "due_on": days(x.due),
            "credit_limit_cents": x.limit,
            "statement_balance_cents": x.balance,
            "min_due_cents": x.min_due,
            "paid_cents": x.paid,
            "purchases_cents": x.purchases,
            "cash_advance_cents": x.cash,
            "interest_cents": x.interest,
            "months_past_due": x.past_due.astype(np.int32),
            "_arrival": post.arrival(x.due, people.number[x.customer], x.cycle_end) + 1,
        }
    )
    return frame.select(
        text_of("OC", padded("_number", 7)).alias("card_id"),
        "cycle_end",
        CUSTOMER_ID.alias("customer_id"),
        pl.exclude("_number", "cycle_end"),
    )


@simulates("credit.credit_inquiry", file_format="csv.gz", bad_rows=(unknown("inquiry_reason"), no_date("inquired_on")))
def credit_inquiry(people: Population, inquiries: Inquiries) -> pl.DataFrame:
    """Inquiries at the bureau, known two days later."""
    frame = pl.DataFrame(
        {
            "_number": people.number[inquiries.customer],
            "inquired_on": days(inquiries.day),
            "lender_code": chosen(_LENDERS, inquiries.lender),
            "inquiry_reason": chosen(bureau.REASONS, inquiries.reason),
            "_serial": serial_within(inquiries.customer * 100_000 + inquiries.day),
            "_arrival": inquiries.day + 2,
        }
    )
    return frame.select(
        text_of("I", pl.col("inquired_on").dt.strftime("%Y%m%d"), padded("_number", 7), padded("_serial", 2)).alias(
            "inquiry_id"
        ),
        CUSTOMER_ID.alias("customer_id"),
        "inquired_on",
        "lender_code",
        "inquiry_reason",
        "_arrival",
    )
