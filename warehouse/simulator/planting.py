"""Faults in known numbers: rows that break one rule each, copies, rows sent again, a delivery that is corrected.

Planted rows come on top of the true ones, so that what a clean night accepts is exactly what was simulated. Each kind
affects few rows, so that all of them together stay within the contract's tolerance even of a small delivery.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from warehouse.contract import load_contract

if TYPE_CHECKING:
    from datetime import date

    import numpy as np

    from warehouse.contract import Contract

#: Rows of a kind at most, and the part of a contract's tolerance that all kinds together may use up.
_MOST, _PART = 5, 0.7


@dataclass(frozen=True)
class BadRows:
    """Rows with values that break `rule`; `text_only` ones can be said in CSV alone."""

    kind: str
    rule: str
    values: dict[str, Any]
    text_only: bool = False


@dataclass(frozen=True)
class Planted:
    """What was planted in one delivery: `rule` is the reason expected in quarantine, None: accepted, but known."""

    kind: str
    feed: str
    business_date: date
    sequence: int
    count: int
    rule: str | None


def _enum(column: str) -> BadRows:
    return BadRows("bad_enum", f"{column}_known", {column: "no_such_value"})


def _negative(column: str) -> BadRows:
    return BadRows("negative_amount", f"{column}_in_range", {column: -100})


def _missing(column: str) -> BadRows:
    return BadRows("missing_value", f"{column}_present", {column: None})


def _date(column: str) -> BadRows:
    return BadRows("unparseable_date", "unreadable", {column: "2026-13-45"}, text_only=True)


BAD_ROWS: dict[str, tuple[BadRows, ...]] = {
    "bank.customer": (_enum("employment_type"), _date("birth_date"), _missing("marketing_opt_out")),
    "bank.account": (_enum("account_type"), _missing("customer_id")),
    "bank.account_balance": (_missing("customer_id"),),
    "bank.bank_transaction": (
        _enum("direction"),
        _negative("amount_cents"),
        _missing("customer_id"),
        BadRows("bad_code", "mcc_matches", {"mcc": "54A1"}),
    ),
    "bank.consent": (_enum("consent_scope"),),
    "bank.analyst_note": (_enum("opinion"),),
    "bank.co_obligor": (_enum("role"),),
    "commerce.merchant": (),
    "commerce.commerce_order": (
        _enum("payment_method"),
        BadRows("negative_count", "item_count_in_range", {"item_count": -1}),
        BadRows("paid_more", "paid_within_price", {"amount_cents": 12_300, "paid_cents": 12_345}),
    ),
    "commerce.order_refund": (_date("refunded_on"), _negative("amount_cents")),
    "commerce.installment_request": (_enum("purpose_code"), _negative("amount_cents")),
    "commerce.payment_instrument": (_enum("channel"), _negative("used_cents")),
    "credit.credit_account": (
        _enum("account_kind"),
        BadRows("overdue_without_days", "overdue_has_days", {"overdue_cents": 10_000, "dpd": 0}),
    ),
    "credit.customer_line": (_missing("is_frozen"), _negative("line_cents")),
    "credit.card_statement": (
        BadRows("impossible_count", "months_past_due_in_range", {"months_past_due": 99}),
        _negative("paid_cents"),
    ),
    "credit.credit_inquiry": (_enum("inquiry_reason"), _date("inquired_on")),
    "credit.installment_plan": (
        BadRows("impossible_rate", "annual_rate_in_range", {"annual_rate": Decimal("1.500000")}),
    ),
    "credit.repayment": (
        _enum("kind"),
        BadRows("unnamed_reversal", "reversal_names_payment", {"kind": "reversal", "reverses_id": None}),
        _missing("customer_id"),
    ),
    "credit.hardship_case": (_enum("evid_status"),),
    "credit.service_case": (_enum("channel"),),
    "market.market_indicator": (),
    "market.market_price": (),
}
#: Feeds in which rows come twice, and the column in which two rows of one key differ.
TWICE: dict[str, str] = {
    "bank.bank_transaction": "amount_cents",
    "commerce.commerce_order": "item_count",
    "credit.repayment": "amount_cents",
    "credit.credit_account": "balance_cents",
}
#: Feeds in which yesterday's rows are sent again.
RESENT = ("bank.bank_transaction", "bank.account_balance", "commerce.commerce_order", "credit.repayment")


def plant(
    frame: pl.DataFrame,
    feed: str,
    business_date: date,
    rng: np.random.Generator,
    *,
    text: bool,
    previous: pl.DataFrame | None = None,
    days_since: int = 0,
) -> tuple[pl.DataFrame, list[Planted]]:
    """Add the feed's faults to a delivery's rows; gives the rows and what was planted.

    `text` says the delivery is a CSV; `previous` are rows of the delivery before it, `days_since` days earlier.
    """
    contract = load_contract(feed)
    kinds = len(BAD_ROWS[feed]) + (3 if feed in TWICE else 0) + (feed in RESENT)
    tolerated = int(frame.height * float(contract.properties["maxBadShare"]) * _PART)
    count = min(_MOST, tolerated // max(kinds, 1))
    if count == 0:
        return frame, []
    planted: list[Planted] = []
    added: list[pl.DataFrame] = []

    def add(rows: pl.DataFrame, kind: str, rule: str, broken: int) -> None:
        added.append(rows)
        planted.append(Planted(kind, feed, business_date, 1, broken, rule))

    for serial, bad in enumerate(BAD_ROWS[feed]):
        if text or not bad.text_only:
            rows = _renamed(_sample(frame, rng, count), contract, f"BAD{business_date:%y%m%d}{serial}")
            add(_with_values(rows, bad), bad.kind, bad.rule, count)
    if feed in TWICE:
        add(_sample(frame, rng, count), "duplicate_row", "duplicate_row", count)
        first = _renamed(_sample(frame, rng, count), contract, f"TWO{business_date:%y%m%d}")
        second = first.with_columns((pl.col(TWICE[feed]) + 1).cast(first.schema[TWICE[feed]]))
        if feed == "commerce.commerce_order":
            first, second = (f.with_columns(status=pl.lit("created")) for f in (first, second))
        add(pl.concat([first, second]), "duplicate_key", "key_unique", 2 * count)
    window = int(contract.properties.get("duplicateWindowDays", 0))
    if feed in RESENT and previous is not None and previous.height and days_since <= window:
        again = min(count, previous.height)
        add(_sample(previous, rng, again), "sent_again", "key_seen_before", again)
    if any(r.schema != frame.schema for r in added):
        frame = frame.with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d"))
        added = [r.with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d")) for r in added]
    return pl.concat([frame, *added]), planted


def corrected(frame: pl.DataFrame, column: str) -> tuple[pl.DataFrame, int]:
    """What was sent before a correction: the last rows are not there yet, the first have another value in `column`.

    Gives those rows and how many differ from the right ones.
    """
    few = max(min(_MOST, frame.height // 3), 1)
    wrong = frame.with_row_index("_row").with_columns(
        pl.when(pl.col("_row") < few).then(pl.col(column) + 1).otherwise(pl.col(column)).cast(frame.schema[column])
    )
    kept = max(frame.height - few, few)
    return wrong.drop("_row").head(kept), few + frame.height - kept


def _sample(frame: pl.DataFrame, rng: np.random.Generator, count: int) -> pl.DataFrame:
    return frame[sorted(rng.choice(frame.height, size=count, replace=False).tolist())]


def _renamed(rows: pl.DataFrame, contract: Contract, prefix: str) -> pl.DataFrame:
    """Copies under keys of their own, so that they break no other rule."""
    key = contract.key[0]
    return rows.with_columns(pl.Series(key, [f"{prefix}{i}" for i in range(rows.height)], dtype=rows.schema[key]))


def _with_values(rows: pl.DataFrame, bad: BadRows) -> pl.DataFrame:
    kept = {c: pl.String() if bad.text_only else rows.schema[c] for c in bad.values}
    return rows.with_columns(pl.lit(v, dtype=kept[c]).alias(c) for c, v in bad.values.items())
