"""A plan on a day, as input of a change: its loan with past dues as settled, and the allocation's figures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from transforms.loans.booked import booked_plan, with_due_days
from transforms.loans.positions import latest_plans
from transforms.loans.running import Period, Running
from transforms.loans.schedule import build_schedule

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from fractions import Fraction

    import polars as pl

    from transforms.loans.product_conventions import ProductConventions
    from transforms.loans.version_tables import Versions


@dataclass(frozen=True)
class LoanState:
    """State of a plan on the day a change begins, cents.

    `loan` has one period for all that was settled, one for what is overdue where anything is, and the installments to
    come as they are. `settled_on` is the last due date passed, or the start. `open_cents` is all still to be paid,
    `carried_cents` what of the payments made lies ahead of its installments.
    """

    plan_id: str
    on: date
    loan: Running
    due_day: int
    outstanding_cents: int
    arrears_principal_cents: int
    arrears_interest_cents: int
    settled_principal_cents: int
    settled_interest_cents: int
    open_cents: int
    carried_cents: int
    settled_on: date

    @property
    def earned_cents(self) -> int:
        """Accrued interest since the last due date not yet charged by an installment, less what a pause capitalises."""
        return self.loan.owed_interest(self.on) - self.loan.earned_in_pause(self.on)

    @property
    def unearned_cents(self) -> int:
        """Interest capitalised for days still to come."""
        return self.loan.capitalised_after(self.on) - self.loan.earned_in_pause(self.on)

    @property
    def coming(self) -> tuple[Period, ...]:
        """The installments still to fall due."""
        return tuple(p for p in self.loan.periods if p.is_open)

    @property
    def next_due_on(self) -> date | None:
        """The next due date; None once no installment is to come."""
        return self.coming[0].due_on if self.coming else None

    @property
    def interest_from(self) -> date:
        """The day from which interest has not been charged yet."""
        return self.coming[0].start if self.coming else self.settled_on

    @property
    def annual_rate(self) -> Fraction:
        """The nominal rate a year in force on the day."""
        return self.loan.rates[-1][1]


def loan_state(plan_id: str, loan: Running, position: Mapping[str, Any], on: date, due_day: int) -> LoanState:
    """`loan` (its schedule in force) on a day, by a position of a replay of its installments on that day.

    Amounts that the replay found settled replace the scheduled amounts of the installments due.
    """
    past = [p for p in loan.periods if p.due_on <= on and not p.pause]
    settled_on = past[-1].due_on if past else loan.plan.start_on
    coming = [p for p in loan.periods if p.due_on > (settled_on if p.pause else on)]
    deferred = _deferred(loan, on)
    first = next((k for k, p in enumerate(coming) if p.is_open), None)
    if deferred and first is not None:
        coming[first] = replace(coming[first], carried_cents=coming[first].carried_cents + deferred)
    outstanding, overdue = position["outstanding_cents"], position["arrears_principal_cents"]
    interest_overdue = position["arrears_cents"] - overdue
    lent = loan.plan.principal_cents + sum(cents for _, cents in loan.changes_of_balance())
    in_moves = sum(cents for _, cents in loan.changes_of_balance() if cents < 0)
    principal = lent - outstanding
    paid = position["paid_cents"] + position["waived_cents"] - position["carried_cents"] - position["overpaid_cents"]
    # What was repaid besides the installments was paid too, and is no part of them.
    interest = paid - (principal - in_moves)
    ended = past[-1].ends_on if past else settled_on
    settled = Period(loan.plan.start_on, settled_on, 0, regular=False, fixed=(principal, interest), unrolled_on=ended)
    late = Period(ended, settled_on, 0, regular=False, fixed=(overdue, interest_overdue), unrolled_on=ended)
    ahead = () if not (overdue or interest_overdue) else (late,)
    return LoanState(
        plan_id=plan_id,
        on=on,
        loan=replace(loan, periods=(settled, *ahead, *coming)),
        due_day=due_day,
        outstanding_cents=outstanding,
        arrears_principal_cents=overdue,
        arrears_interest_cents=interest_overdue,
        settled_principal_cents=principal - in_moves,
        settled_interest_cents=interest,
        open_cents=position["open_cents"],
        carried_cents=position["carried_cents"],
        settled_on=settled_on,
    )


def booked_loan(row: Mapping[str, Any], conventions: ProductConventions) -> tuple[Running, int]:
    """A plan as it was booked, and its due day; `row` is one of :func:`transforms.loans.booked.with_due_days`."""
    plan = booked_plan(row, conventions)
    return Running.of(plan, build_schedule(plan)), row["due_day"]


def _deferred(loan: Running, on: date) -> int:
    """Interest earned by the last due date that its installment could not bear; that of a pause is none."""
    past = [row.waiting for p, row in zip(loan.periods, loan.roll(), strict=True) if p.due_on <= on and p.is_open]
    return past[-1] if past else 0


class LoanStates:
    """Every own plan of a night, ready to be changed; each is made when it is asked for.

    `plans` are rows of `credit.installment_plan`, `progress` the night's `servicing.plan_progress` of the same plans,
    `versions` what was agreed and repaid ahead since they were booked.
    """

    def __init__(
        self,
        plans: pl.DataFrame,
        progress: pl.DataFrame,
        versions: Versions,
        conventions: ProductConventions,
        as_of: date,
    ) -> None:
        self._terms = with_due_days(latest_plans(plans), conventions)
        self._progress, self._versions, self._conventions, self._as_of = progress, versions, conventions, as_of
        self._of_terms, self._of_progress = (
            {plan: n for n, plan in enumerate(frame["plan_id"].to_list())} for frame in (self._terms, progress)
        )
        self._waived: dict[str, int] = {}
        for plan, cents in versions.versions.select("plan_id", "waived_cents").iter_rows():
            self._waived[plan] = self._waived.get(plan, 0) + cents

    def of(self, plan_id: str) -> LoanState:
        """The state of one plan on the night; KeyError for a plan that has no row in the progress."""
        position = self._progress.row(self._of_progress[plan_id], named=True)
        loan, due_day = self._loan(plan_id)
        # What was waived by agreement is in no replay: it was left out of the schedule.
        waived = position["waived_cents"] - self._waived.get(plan_id, 0)
        return loan_state(plan_id, loan, {**position, "waived_cents": waived}, self._as_of, due_day)

    def _loan(self, plan_id: str) -> tuple[Running, int]:
        if plan_id in self._versions.loans:
            return self._versions.loans[plan_id]
        return booked_loan(self._terms.row(self._of_terms[plan_id], named=True), self._conventions)


def loan_states(
    installment_plan_known: pl.DataFrame,
    plan_progress: pl.DataFrame,
    plan_versions: Versions,
    conventions: ProductConventions,
    as_of: date,
) -> LoanStates:
    """Every own plan of the night, ready to be changed."""
    return LoanStates(installment_plan_known, plan_progress, plan_versions, conventions, as_of)
