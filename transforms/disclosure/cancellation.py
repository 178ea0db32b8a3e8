"""What is owed when a purchase ends early: goods returned, a course or treatment that stops, a trip cancelled.

The rule is the product's (`cancel_rule`). What the provider gives back goes to the lender first, since the lender paid
the provider (受托支付); only what is left goes to the customer. Nothing is booked here; only amounts owed are computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from transforms.dates.calendar import add_months
from transforms.loans.rounding import round_cents

if TYPE_CHECKING:
    from datetime import date

    from transforms.loans.schedule import Schedule
    from transforms.policy.product import Product


@dataclass(frozen=True)
class Ending:
    """How a plan ends: cents, all at least 0.

    `refund_cents` is what the provider gives back; of it `to_lender_cents` repays the plan and `to_customer_cents` is
    the customer's. `owed_cents` is what the customer still owes of the principal, due at once where `billing_stops_on`
    is given: no later installment is billed. `undone` within the cooling-off days: the plan never was, and everything
    paid goes back.
    """

    billing_stops_on: date | None
    refund_cents: int
    to_lender_cents: int
    to_customer_cents: int
    owed_cents: int
    undone: bool


def service_given(product: Product, started_on: date, stopped_on: date) -> Fraction:
    """Share of the service given from `started_on` up to `stopped_on`, by days of its whole length; 0 to 1."""
    whole = (add_months(started_on, product.service_m) - started_on).days
    return min(max(Fraction((stopped_on - started_on).days, whole), Fraction(0)), Fraction(1))


def ended(product: Product, schedule: Schedule, on: date, price_cents: int, refund_cents: int | None = None) -> Ending:
    """What follows when the purchase behind a plan ends on `on`.

    `price_cents` is what was bought (amount and down payment); `refund_cents` what the provider gives back, needed for
    goods and trips; a service that stops is refunded by the share of it not yet given. Installments due by `on` count
    as paid. Interest and fees of the days used stay as they fell due. ValueError for a plan that can only be settled,
    a missing refund, or one above the price.
    """
    if product.cancel_rule == "settle_any_time":
        raise ValueError(f"{product.product_code}: nothing bought stands behind it; it may be settled early instead")
    cooling = schedule.start_on + timedelta(days=product.cooling_off_days)
    if product.cooling_off_days and on <= cooling:
        lent = price_cents - _paid_down(schedule)
        return Ending(on, price_cents, lent, price_cents - lent, 0, undone=True)
    if product.cancel_rule == "service_stops":
        refund = price_cents - round_cents(price_cents * service_given(product, schedule.start_on, on))
    elif refund_cents is None:
        raise ValueError(f"{product.product_code}: what the merchant gives back decides; refund_cents is missing")
    else:
        refund = refund_cents
    if not 0 <= refund <= price_cents:
        raise ValueError(f"a refund of {refund} cents is not within the price of {price_cents}")
    outstanding = _outstanding(schedule, on)
    to_lender = min(refund, outstanding)
    owed = outstanding - to_lender
    stops = product.cancel_rule == "service_stops" or owed == 0
    return Ending(on if stops else None, refund, to_lender, refund - to_lender, owed, undone=False)


def _outstanding(schedule: Schedule, on: date) -> int:
    """Principal left after the installments due by `on`, cents."""
    paid = [row.balance_cents for row in schedule.installments if row.due_on <= on]
    return paid[-1] if paid else schedule.amount_cents + schedule.financed_fee_cents - _paid_down(schedule)


def _paid_down(schedule: Schedule) -> int:
    return sum(row.principal_cents for row in schedule.rows if row.installment_no == 0)
