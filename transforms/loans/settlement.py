"""Early settlement of a plan by actual use: interest runs to the day of settlement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.loans.arrears import take_out_arrears

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from transforms.loans.running import Running


@dataclass(frozen=True)
class Settlement:
    """What settles a plan on a day, cents: principal left, interest owed and earned by use, fees, the sum.

    `saved_interest_cents` of interest still to come falls away.
    """

    on: date
    principal_cents: int
    interest_cents: int
    fee_cents: int
    saved_interest_cents: int
    total_cents: int


def settle_early(
    running: Running,
    on: date,
    *,
    unpaid: Mapping[date, tuple[int, int]] | None = None,
    waived_cents: int = 0,
    fee_bp: int = 0,
) -> Settlement:
    """All falls due on the day; fees not due yet are not charged.

    `unpaid` names principal and interest not settled of each installment due by then (default: all are paid). Owed are
    all principal outstanding, the overdue included, unpaid interest less what is waived, and what all of the principal
    earned from the last due date to the day. Of interest that a pause
    under way capitalises, what is earned so far counts as principal. `fee_bp`: the contract's fee of settling early, of
    the principal that is not due yet.
    """
    moved, overdue, late_interest = take_out_arrears(running, on, unpaid or {})
    in_pause = moved.earned_in_pause(on)
    principal = moved.outstanding_on(on) + in_pause
    interest = max(late_interest - waived_cents, 0) + moved.owed_interest(on) - in_pause
    fees = running.plan.fee_cents("periodic") * len(unpaid or {}) + (principal - overdue) * fee_bp // 10_000
    open_rows = zip(running.periods, running.parts(), strict=True)
    to_come = sum(part.interest for period, part in open_rows if not period.settled_by(on))
    saved = to_come + late_interest - interest
    return Settlement(on, principal, interest, fees, saved, principal + interest + fees)
