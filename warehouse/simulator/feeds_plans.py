"""From arrays to the plan feeds: one block's frames in the contracts' columns, each with `_arrival` (epoch day).

A customer's row carries the same key whatever the simulation's length.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from warehouse.simulator import plans, repayments
from warehouse.simulator.columns import CUSTOMER_ID, chosen, days, padded, text_of
from warehouse.simulator.draws import cents
from warehouse.simulator.feeds import simulates
from warehouse.simulator.feeds_commerce import plan_orders
from warehouse.simulator.latent import DEFAULTED
from warehouse.simulator.planting import BadRows, Twice, missing, negative, unknown
from warehouse.simulator.timeline import day_in_month, month_start

if TYPE_CHECKING:
    from warehouse.simulator.arrivals import Post
    from warehouse.simulator.draws import Bools, Ints, Streams
    from warehouse.simulator.latent import Latent
    from warehouse.simulator.plans import Plans
    from warehouse.simulator.population import Population
    from warehouse.simulator.repayments import Servicing
    from warehouse.simulator.timeline import Timeline

#: A plan as the feeds write it: the customer and the number of the plan.
PLAN_ID = text_of("P", padded("_number", 7), padded("_seq", 2))


#: One plan in so many whose position the core system states at the end of each quarter, and of those one in so many
#: without the month's payment, which was not posted there.
_STATED, _UNPOSTED = 5, 20
#: Latest due day of a plan that is stated: what is paid late in the month is posted by its end.
_LAST_DUE = 12


@simulates(
    "credit.installment_plan",
    file_format="csv",
    bad_rows=(BadRows("impossible_rate", "annual_rate_in_range", {"annual_rate": Decimal("1.500000")}),),
)
def installment_plan(people: Population, timeline: Timeline, booked: Plans, served: Servicing) -> pl.DataFrame:
    """Plans in each state they were in, from the day of the change on; some with what the core system says of them."""
    states = _plan_rows(people, timeline, booked, served.changes).with_columns(
        due_day=pl.lit(None, pl.Int32),
        book_outstanding_cents=pl.lit(None, pl.Int64),
        book_next_due_on=pl.lit(None, pl.Date),
        book_dpd=pl.lit(None, pl.Int32),
        book_on=pl.lit(None, pl.Date),
    )
    stated = [_stated_rows(people, timeline, booked, served, k) for k, m in enumerate(timeline.months) if m % 3 == 2]
    return pl.concat([states, *stated])


def _stated_rows(people: Population, timeline: Timeline, booked: Plans, served: Servicing, at: int) -> pl.DataFrame:
    """Running plans as the core system states them at the end of a month of the timeline."""
    month, behind, number = timeline.months[at], served.behind[at], timeline.months[at] - booked.start_month
    code = people.number[booked.customer] * 7 + booked.seq
    told = (code % _STATED == 0) & (booked.anchor <= _LAST_DUE) & (number >= 1) & (number < booked.term)
    plan = np.flatnonzero(told & (served.outstanding[at] > 0) & (behind < repayments.BREAKS))
    day = np.full(plan.size, int(month_start(month + 1)) - 1)
    unposted = (code // _STATED) % _UNPOSTED == 0
    left = booked.left_after(np.maximum(number - behind - unposted, 0))[plan]
    oldest = day_in_month(month - np.maximum(behind, 1) + 1, booked.anchor)[plan]
    rows = _plan_rows(people, timeline, booked, repayments.Changes(plan, day, np.full(plan.size, repayments.RUNNING)))
    return rows.with_columns(
        due_day=pl.Series(booked.anchor[plan].astype(np.int32)),
        book_outstanding_cents=pl.Series(left),
        book_next_due_on=days(day_in_month(month + 1, booked.anchor)[plan]),
        book_dpd=pl.Series(np.where(behind[plan] > 0, day - oldest, 0).astype(np.int32)),
        book_on=days(day),
    )


def _plan_rows(people: Population, timeline: Timeline, booked: Plans, changes: repayments.Changes) -> pl.DataFrame:
    plan = changes.plan
    # Orders of before the history are not delivered.
    with_order = (booked.merchant[plan] >= 0) & (booked.started[plan] >= timeline.first_day)
    frame = pl.DataFrame(
        {
            "_number": people.number[booked.customer[plan]],
            "_seq": booked.seq[plan],
            "product_code": chosen(plans.PRODUCTS, booked.product[plan]),
            "purpose_code": chosen(plans.PURPOSES, booked.purpose[plan]),
            "_merchant": booked.merchant[plan],
            "order_id": plan_orders(people, booked, plan, with_order),
            "plan_seq": booked.seq[plan].astype(np.int32),
            "principal_cents": booked.principal[plan],
            "annual_rate": pl.Series(booked.rate[plan]).round(6).cast(pl.Decimal(9, 6)),
            "term_m": booked.term[plan].astype(np.int32),
            "repay_method": chosen(plans.METHODS, booked.method[plan]),
            "upfront_fee_cents": np.zeros(plan.size, np.int64),
            "installment_cents": booked.installment[plan],
            "started_on": days(booked.started[plan]),
            "first_due_on": days(booked.first_due()[plan]),
            "status": chosen(repayments.STATUSES, changes.status),
            "changed_on": days(changes.day),
            "_arrival": changes.day,
        }
    )
    return frame.select(
        PLAN_ID.alias("plan_id"),
        CUSTOMER_ID.alias("customer_id"),
        "product_code",
        "purpose_code",
        pl.when(pl.col("_merchant") >= 0).then(text_of("M", padded("_merchant", 4))).alias("merchant_id"),
        pl.exclude("_number", "_seq", "_merchant", "product_code", "purpose_code"),
    )


@simulates(
    "credit.repayment",
    file_format="csv.gz",
    bad_rows=(
        unknown("kind"),
        BadRows("unnamed_reversal", "reversal_names_payment", {"kind": "reversal", "reverses_id": None}),
        missing("customer_id"),
    ),
    twice=Twice("amount_cents"),
    sent_again=True,
)
def repayment(people: Population, booked: Plans, served: Servicing, post: Post) -> pl.DataFrame:
    """Movements on plans."""
    x = served.movements
    frame = pl.DataFrame(
        {
            "_number": people.number[booked.customer[x.plan]],
            "_seq": booked.seq[x.plan],
            "_serial": x.serial,
            "_reverses": x.reverses,
            "received_on": days(x.received),
            "value_on": days(x.value),
            "kind": chosen(repayments.KINDS, x.kind),
            "amount_cents": x.amount,
            "_arrival": post.arrival(x.received, people.number[booked.customer[x.plan]], x.serial),
        }
    )
    reverses = text_of("R", padded("_number", 7), padded("_seq", 2), padded("_reverses", 3))
    return frame.select(
        text_of("R", padded("_number", 7), padded("_seq", 2), padded("_serial", 3)).alias("repayment_id"),
        PLAN_ID.alias("plan_id"),
        CUSTOMER_ID.alias("customer_id"),
        "received_on",
        "value_on",
        "kind",
        "amount_cents",
        pl.when(pl.col("_reverses") >= 0).then(reverses).alias("reverses_id"),
        pl.lit(None, pl.String).alias("prepayment_effect"),
        "_arrival",
    )


@simulates("credit.customer_line", file_format="csv", bad_rows=(missing("is_frozen"), negative("line_cents")))
def customer_line(
    streams: Streams, people: Population, timeline: Timeline, hidden: Latent, booked: Plans, served: Servicing
) -> pl.DataFrame:
    """Lines as first given, and on the first of each month in which use or freeze has changed.

    Use is the principal of running plans; a line is frozen from the month after a default begins.
    """
    n, (has, u) = people.size, plans.line_draw(streams, people)
    size = people.base_income * np.clip(3.0 + 1.2 * people.willingness + 2.0 * u, 1.0, 8.0)
    line = cents(np.maximum(np.round(size, -3), 2000.0))
    day = np.minimum(people.onboarded + 5, np.maximum(people.onboarded, timeline.first_day))
    used, frozen = np.zeros(n, np.int64), np.zeros(n, bool)
    frames = [_line_rows(people, np.flatnonzero(has), day, (line, used, frozen))]
    for k, month in enumerate(timeline.months):
        start = int(month_start(month + 1))
        now = np.bincount(booked.customer, weights=served.outstanding[k], minlength=n).astype(np.int64)
        stopped = hidden.state[month - timeline.latent_months.start] == DEFAULTED
        changed = has & ((now != used) | (stopped != frozen)) & (people.onboarded < start)
        used, frozen = np.where(changed, now, used), np.where(changed, stopped, frozen)
        # A line is never smaller than what was lent on it.
        line = np.maximum(line, used)
        frames.append(_line_rows(people, np.flatnonzero(changed), np.full(n, start), (line, used, frozen)))
    return pl.concat(frames)


def _line_rows(people: Population, who: Ints, day: Ints, state: tuple[Ints, Ints, Bools]) -> pl.DataFrame:
    frame = pl.DataFrame(
        {
            "_number": people.number[who],
            "line_cents": state[0][who],
            "used_cents": state[1][who],
            "is_frozen": state[2][who],
            "changed_on": days(day[who]),
            "_arrival": day[who],
        }
    )
    return frame.select(CUSTOMER_ID.alias("customer_id"), pl.exclude("_number"))
