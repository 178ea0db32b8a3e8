"""From arrays to the commerce feeds: one block's frames in the contracts' columns, each with `_arrival` (epoch day).

A customer's row carries the same key whatever the simulation's length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from warehouse.simulator import commerce, plans
from warehouse.simulator.columns import CUSTOMER_ID, chosen, days, padded, text_of, year_month
from warehouse.simulator.feeds import simulates
from warehouse.simulator.planting import BadRows, Twice, negative, no_date, unknown

if TYPE_CHECKING:
    from warehouse.simulator.arrivals import Post
    from warehouse.simulator.commerce import Merchants, Orders, Refunds, Requests
    from warehouse.simulator.draws import Bools, Ints
    from warehouse.simulator.plans import Plans
    from warehouse.simulator.population import Population


@simulates("commerce.merchant", once=True, file_format="csv")
def merchant(shops: Merchants) -> pl.DataFrame:
    """Merchants as onboarded, and as suspended where they were."""
    number = np.arange(shops.category.size)
    frame = pl.DataFrame(
        {
            "_merchant": number,
            "category_code": chosen([c[0] for c in commerce.CATEGORIES], shops.category),
            "mcc": chosen([c[1] for c in commerce.CATEGORIES], shops.category),
            "province_code": chosen(commerce.PROVINCES, shops.province),
            "onboarded_on": days(shops.onboarded),
            "status": chosen(("active",), number * 0),
            "subsidy_share": pl.Series(shops.subsidy_bp / 10_000.0).round(6).cast(pl.Decimal(9, 6)),
            "changed_on": days(shops.onboarded),
            "_arrival": shops.onboarded,
        }
    ).select(
        text_of("M", padded("_merchant", 4)).alias("merchant_id"),
        text_of("商户", padded("_merchant", 4)).alias("merchant_name"),
        pl.exclude("_merchant"),
    )
    gone = np.flatnonzero(shops.suspended)
    day = shops.suspended[gone]
    after = frame[gone].with_columns(
        pl.lit("suspended").alias("status"), days(day).alias("changed_on"), pl.Series("_arrival", day)
    )
    return pl.concat([frame, after])


@simulates(
    "commerce.commerce_order",
    bad_rows=(
        unknown("payment_method"),
        BadRows("negative_count", "item_count_in_range", {"item_count": -1}),
        BadRows("paid_more", "paid_within_price", {"amount_cents": 12_300, "paid_cents": 12_345}),
    ),
    twice=Twice("item_count", {"status": "created"}),
    sent_again=True,
)
def commerce_order(people: Population, placed: Orders, post: Post) -> pl.DataFrame:
    """Orders; a cancelled one keeps its price, one just created has none yet."""
    frame = pl.DataFrame(
        {
            "_key": order_keys(people, placed),
            "_number": people.number[placed.customer],
            "_merchant": placed.merchant,
            "ordered_on": days(placed.day),
            "_second": placed.second,
            "category_code": chosen([c[0] for c in commerce.CATEGORIES], placed.category),
            "item_count": placed.items.astype(np.int32),
            "amount_cents": placed.amount,
            "payment_method": chosen(commerce.METHODS, placed.method),
            "installment_count": placed.count.astype(np.int32),
            "status": chosen(commerce.STATUSES, placed.status),
            "_arrival": post.arrival(placed.day, people.number[placed.customer], placed.serial),
        }
    )
    at = pl.col("ordered_on").cast(pl.Datetime("us")) + pl.duration(seconds=pl.col("_second"))
    return frame.select(
        pl.col("_key").alias("order_id"),
        CUSTOMER_ID.alias("customer_id"),
        text_of("M", padded("_merchant", 4)).alias("merchant_id"),
        "ordered_on",
        at.alias("ordered_at"),
        "category_code",
        "item_count",
        "amount_cents",
        pl.col("amount_cents").alias("paid_cents"),
        "payment_method",
        "installment_count",
        "status",
        "_arrival",
    )


def order_keys(people: Population, placed: Orders) -> pl.Series:
    """Order numbers by position."""
    number, month = people.number[placed.customer], year_month(placed.month)
    frame = pl.DataFrame({"_number": number, "_month": month, "_serial": placed.serial})
    return frame.select(text_of("O", padded("_month", 6), padded("_number", 7), padded("_serial", 3))).to_series()


@simulates("commerce.order_refund", file_format="csv.gz", bad_rows=(no_date("refunded_on"), negative("amount_cents")))
def order_refund(people: Population, placed: Orders, refunds: Refunds, post: Post) -> pl.DataFrame:
    """Refunds; an order has at most one."""
    frame = pl.DataFrame(
        {
            "_key": order_keys(people, placed).gather(pl.Series(refunds.order)),
            "_number": people.number[placed.customer[refunds.order]],
            "_merchant": placed.merchant[refunds.order],
            "refunded_on": days(refunds.day),
            "amount_cents": refunds.amount,
            "reason_code": chosen(commerce.REFUND_REASONS, refunds.reason),
            "_arrival": post.arrival(
                refunds.day, people.number[placed.customer][refunds.order], placed.serial[refunds.order]
            ),
        }
    )
    return frame.select(
        text_of("RF", pl.col("_key")).alias("refund_id"),
        pl.col("_key").alias("order_id"),
        CUSTOMER_ID.alias("customer_id"),
        text_of("M", padded("_merchant", 4)).alias("merchant_id"),
        "refunded_on",
        "amount_cents",
        "reason_code",
        "_arrival",
    )


@simulates(
    "commerce.installment_request", file_format="csv", bad_rows=(unknown("purpose_code"), negative("amount_cents"))
)
def installment_request(people: Population, requests: Requests, booked: Plans) -> pl.DataFrame:
    """Requests for installment plans."""
    has_plan = requests.plan >= 0
    ordered = has_plan & (requests.merchant >= 0)
    stamp = np.where(has_plan, 0, year_month(requests.month))
    frame = pl.DataFrame(
        {
            "_number": people.number[requests.customer],
            "_stamp": stamp,
            "_seq": np.where(has_plan, booked.seq[np.maximum(requests.plan, 0)], 0) if booked.seq.size else stamp * 0,
            "requested_on": days(requests.day),
            "channel": chosen(commerce.CHANNELS, requests.channel),
            "purpose_code": chosen(plans.PURPOSES, requests.purpose),
            "_merchant": requests.merchant,
            "_order": plan_orders(people, booked, requests.plan, ordered),
            "amount_cents": requests.amount,
            "term_m": requests.term.astype(np.int32),
            "repay_method": chosen(commerce.REPAY_METHODS, requests.method),
            "preference": chosen(commerce.PREFERENCES, requests.preference),
            "_arrival": requests.day,
        }
    )
    return frame.select(
        text_of("Q", padded("_stamp", 6), padded("_number", 7), padded("_seq", 2)).alias("request_id"),
        CUSTOMER_ID.alias("customer_id"),
        "requested_on",
        "channel",
        "purpose_code",
        pl.when(pl.col("_merchant") >= 0).then(text_of("M", padded("_merchant", 4))).alias("merchant_id"),
        pl.col("_order").alias("order_id"),
        "amount_cents",
        "term_m",
        "repay_method",
        "preference",
        "_arrival",
    )


def plan_orders(people: Population, booked: Plans, plan: Ints, ordered: Bools) -> pl.Series:
    """Numbers of the orders that plans financed, empty where `ordered` is false."""
    if not booked.seq.size:
        return pl.Series([None] * plan.size, dtype=pl.String)
    at = np.maximum(plan, 0)
    frame = pl.DataFrame(
        {
            "_month": year_month(booked.start_month[at]),
            "_number": people.number[booked.customer[at]],
            "_serial": 900 + booked.seq[at],
            "_there": ordered,
        }
    )
    key = text_of("O", padded("_month", 6), padded("_number", 7), padded("_serial", 3))
    return frame.select(pl.when(pl.col("_there")).then(key)).to_series()
