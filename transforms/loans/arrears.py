"""Arrears of a running plan taken out of the installments in which they fell due; what was settled stays in them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from transforms.loans.running import Running


def take_out_arrears(
    running: Running, on: date, unpaid: Mapping[date, tuple[int, int]] | None
) -> tuple[Running, int, int]:
    """Installments due by `on` left with what was settled of them, and the principal and interest taken out of them.

    `unpaid` names what was not settled of each, (principal, interest); default: the whole of every one that follows
    from the balance. Interest that an installment could not bear is taken out with it. ValueError for an installment
    that is not due by then or does not have so much in it.
    """
    rows = running.roll()
    if unpaid is None:
        late = {
            k: (rows[k].part.principal, rows[k].part.interest)
            for k, period in enumerate(running.periods)
            if period.due_on <= on and period.is_open and period.paid_on is None
        }
    else:
        late = {running.index_of(due): amounts for due, amounts in unpaid.items()}
    periods, waited = list(running.periods), 0
    for k, (principal, interest) in late.items():
        part, period = rows[k].part, periods[k]
        if period.due_on > on or not (0 <= principal <= part.principal and 0 <= interest <= part.interest):
            raise ValueError(
                f"of the installment of {period.due_on}, {part.principal} + {part.interest} cents,"
                f" {principal} + {interest} cannot be unpaid on {on}"
            )
        settled = (part.principal - principal, part.interest - interest)
        periods[k] = replace(period, fixed=settled, paid_on=None)
        waited += rows[k].waiting - (rows[k - 1].waiting if k else 0)
    taken_out = replace(running, periods=tuple(periods))
    return taken_out, sum(p for p, _ in late.values()), sum(i for _, i in late.values()) + waited


def coming_of(running: Running, on: date) -> list[int]:
    """Positions of the installments that fall due after a day and are not paid by then."""
    return [k for k, p in enumerate(running.periods) if p.due_on > on and not p.pause and not p.settled_by(on)]


def reopened(running: Running, on: date) -> Running:
    """The installments due after a day follow from the balance again; interest agreed for one is carried to it."""
    coming = set(coming_of(running, on))
    periods = [
        replace(p, fixed=None, payment_cents=sum(p.fixed), carried_cents=p.fixed[1]) if k in coming and p.fixed else p
        for k, p in enumerate(running.periods)
    ]
    return replace(running, periods=tuple(periods))


def move_arrears(
    running: Running, on: date, *, unpaid: Mapping[date, tuple[int, int]] | None = None, waived_cents: int = 0
) -> Running:
    """What was due by `on` and unpaid, taken out of its installments: the principal stays outstanding.

    Its interest, less what is waived, is due with the next installment, which grows by it. Installments stay, the
    last takes the principal. Raises ValueError where no installment falls due any more.
    """
    moved, _, interest = take_out_arrears(running, on, unpaid)
    coming = coming_of(moved, on)
    if not coming:
        raise ValueError(f"no installment falls due after {on}; the arrears can only be re-aged")
    owed = max(interest - waived_cents, 0)
    return reopened(moved, on).changed(
        coming[0], lambda p: replace(p, carried_cents=p.carried_cents + owed, payment_cents=p.payment_cents + owed)
    )
