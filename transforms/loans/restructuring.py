"""Restructuring of a running plan: arrears moved to later installments, another term, a payment pause.

Interest is never charged twice: what was due and unpaid is moved, not earned again. What was settled of an
installment stays where it is, only the rest is moved. The arithmetic follows Apache Fineract's progressive loans
(re-amortisation, re-ageing, extra terms, chargebacks) where they define it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from transforms.dates.calendar import add_months, due_dates
from transforms.loans.annuity import equal_parts
from transforms.loans.arrears import coming_of, move_arrears, reopened, take_out_arrears
from transforms.loans.changes import pause_interest
from transforms.loans.level_again import level_again
from transforms.loans.rounding import round_ratio
from transforms.loans.running import Period, Running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from transforms.dates.calendar import Frequency
    from transforms.loans.plan import Plan

#: What becomes of the interest of a payment pause: none runs, it is due after the pause, or added to the principal.
PauseInterest = Literal["waive", "accrue", "capitalise"]
#: Interest of a re-aged plan: it runs on; what is unpaid is split in equal parts and none runs; all to come is split.
AgedInterest = Literal["runs", "split", "split_all"]


def re_amortise(
    running: Running,
    on: date,
    *,
    unpaid: Mapping[date, tuple[int, int]] | None = None,
    waived_cents: int = 0,
    split_interest: bool = False,
) -> Running:
    """Spread what was due by `on` and unpaid over the installments still to come; the end stays where it is.

    Without interest each later installment grows by an equal part of the arrears, in the plan's payment unit, the
    residual on the last; with interest they become level again over the outstanding principal. The unpaid interest is
    due with the next one, or with `split_interest` in equal parts besides each (which Fineract rounds with the period's
    own interest). Raises ValueError where nothing is left to spread over.
    """
    plan, arrears = running.plan, take_out_arrears(running, on, unpaid)
    moved = move_arrears(running, on, unpaid=unpaid, waived_cents=waived_cents)
    coming, periods = coming_of(moved, on), list(moved.periods)
    if split_interest:
        owed = max(arrears[2] - waived_cents, 0)
        first = periods[coming[0]]
        less = (first.payment_cents - owed, first.carried_cents - owed)
        periods[coming[0]] = replace(first, payment_cents=less[0], carried_cents=less[1])
        whole = equal_parts(owed, len(coming), plan.payment_rounding)
        for k, cents in zip(coming, whole, strict=True):
            principal, interest = periods[k].due_again
            if plan.payment_basis == "least_residual":
                periods[k] = replace(periods[k], share=periods[k].share + Fraction(owed, len(coming)))
            else:
                periods[k] = replace(periods[k], due_again=(principal, interest + cents))
    spread = replace(moved, periods=tuple(periods))
    if not running.is_free:
        return level_again(spread, coming[0])
    part = round_ratio(arrears[1], len(coming), plan.payment_rounding, plan.payment_unit_cents)
    for k in coming:
        spread = spread.changed(k, lambda p: replace(p, payment_cents=p.payment_cents + part))
    return spread


def re_age(
    running: Running,
    on: date,
    installments: int,
    frequency: Frequency,
    first_due_on: date,
    *,
    unpaid: Mapping[date, tuple[int, int]] | None = None,
    waived_cents: int = 0,
    interest: AgedInterest = "runs",
) -> Running:
    """Put the whole outstanding into new installments from `first_due_on`; own days past due stay as they are.

    Installments due after `on` fall away: the period that holds the day ends on it, with what was paid ahead. Interest
    unpaid and earned up to `on` is due with the first new installment, without interest on it; with `split` it is
    split over them in equal parts and no more runs (停息挂账), with `split_all` so is all that was still to come.
    """
    if first_due_on < on:
        raise ValueError(f"first due date {first_due_on} is before the re-age on {on}")
    moved, _, overdue = take_out_arrears(running, on, unpaid)
    plan = running.plan
    dropped = [k for k, period in enumerate(moved.periods) if period.due_on > on]
    kept = [p for k, p in enumerate(moved.periods) if k not in dropped]
    if dropped:
        kept.append(_ended(moved, dropped, on))
    ended = replace(moved, periods=tuple(kept))
    before = ended.roll()[-1]
    owed = overdue + moved.owed_interest(on)
    if interest == "split_all":
        # As if the arrears were paid on the day: what would still come of the schedule as it stands.
        late = replace(running, periods=tuple(_paid_on(old, new, on) for old, new in _pairs(running, moved)))
        owed = overdue + before.waiting + sum(late.parts()[k].interest for k in dropped)
    owed = max(owed - waived_cents, 0)
    dues = due_dates(on, installments, frequency, first_due_on=first_due_on, month_end=plan.month_end)
    parts = equal_parts(before.part.balance, installments, plan.payment_rounding, plan.payment_unit_cents)
    # Interest that rests on the days of a roll rests only for what is paid then.
    begins = moved.accrued_to(on)
    added = [
        Period(start, due, part, regular=frequency == plan.frequency and k > 0, flat_on_cents=before.part.balance)
        for k, (start, due, part) in enumerate(zip([begins, *dues[:-1]], dues, parts, strict=True))
    ]
    if len(kept) > 1 and dropped and (kept[-1].start, kept[-1].fixed) == (begins, (0, 0)):
        # On a due date nothing ends in the middle of a period.
        kept.pop()
    if interest != "runs":
        shares = equal_parts(owed, installments, plan.payment_rounding)
        added = [replace(p, fixed=both) for p, both in zip(added, zip(parts, shares, strict=True), strict=True)]
        return replace(ended, periods=(*kept, *added))
    carried = owed - before.waiting
    added[0] = replace(added[0], carried_cents=carried, payment_cents=parts[0] + owed)
    aged = replace(ended, periods=(*kept, *added))
    return aged if running.is_free else level_again(aged, len(kept))


def _pairs(running: Running, moved: Running) -> Iterator[tuple[Period, Period]]:
    return zip(running.periods, moved.periods, strict=True)


def _paid_on(period: Period, moved: Period, on: date) -> Period:
    """The period with what was taken out of it paid on a day."""
    return period if moved.fixed is None or moved.fixed == period.fixed else replace(period, paid_on=on)


def _ended(running: Running, dropped: Sequence[int], on: date) -> Period:
    """The period that holds a day, ended on it: nothing is due in it but what was paid ahead of later installments."""
    parts, ahead = running.parts(), [running.periods[k] for k in dropped]
    early = [(p, parts[k]) for k, p in zip(dropped, ahead, strict=True) if p.settled_by(on) and not p.pause]
    paid = [item for period in ahead if not period.settled_by(on) for item in period.paid_in_part]
    paid += [item for p, part in early for item in (*p.paid_in_part, p.rest_repaid(part.principal))]
    fixed = (sum(cents for _, cents in paid), sum(part.interest for _, part in early))
    start, ends_on = min(ahead[0].start, on), running.accrued_to(on)
    return Period(start, on, 0, regular=False, fixed=fixed, paid_in_part=tuple(paid), unrolled_on=ends_on)


def change_term(
    running: Running,
    on: date,
    installments: int,
    *,
    unpaid: Mapping[date, tuple[int, int]] | None = None,
    waived_cents: int = 0,
) -> Running:
    """The installments to come become that many, from the next due date, level again; arrears move into them.

    After the last due date they start on the day, a period later: in between interest rests. Source: Apache Fineract's
    reschedule with extra terms.
    """
    if installments < 1:
        raise ValueError(f"{installments} installments asked for; at least 1 is needed")
    moved, _, interest = take_out_arrears(reopened(running, on), on, unpaid)
    coming, plan = coming_of(moved, on), running.plan
    first = moved.periods[coming[0]] if coming else _after_the_end(plan, on)
    kept = [p for k, p in enumerate(moved.periods) if k not in coming]
    old = [moved.periods[k] for k in coming][:installments] or [first]
    dropped = coming[installments:]
    if any(moved.periods[k].paid_in_part for k in dropped):
        kept.append(_ended(moved, dropped, on))
    later = plan.spans(first.ends_on, _nominal_from(plan, moved.nominal_due(first), installments)[1:])
    spans = [(first.start, first.due_on, first.ends_on), *later]
    periods = [
        replace(old[k], start=begin, due_on=due, unrolled_on=end, regular=k > 0 or first.regular)
        if k < len(old)
        else Period(begin, due, 0, unrolled_on=end)
        for k, (begin, due, end) in enumerate(spans)
    ]
    gone = [moved.periods[k] for k in dropped]
    lost = sum(period.carried_cents + period.besides_cents - period.due_again[0] for period in gone)
    carried = periods[0].carried_cents + max(interest - waived_cents, 0) + lost
    periods[0] = replace(periods[0], carried_cents=carried)
    return level_again(replace(moved, periods=(*kept, *periods)), len(kept))


def pause_payments(
    running: Running,
    on: date,
    months: int,
    interest: PauseInterest,
    *,
    unpaid: Mapping[date, tuple[int, int]] | None = None,
    waived_cents: int = 0,
) -> Running:
    """The due dates to come move by whole months, keeping the due day; installments are level again afterwards.

    The pause runs from the start of the period that holds the day, so many months long; arrears move behind it too.
    Its interest is waived, due with the first installment after it (without interest on it), or added to the principal
    when it ends.
    """
    if months < 1 or interest not in {"waive", "accrue", "capitalise"}:
        raise ValueError(
            f"a payment pause needs its months and what becomes of its interest, got {months}, {interest!r}"
        )
    moved, _, overdue = take_out_arrears(reopened(running, on), on, unpaid)
    coming, plan = coming_of(moved, on), running.plan
    old = [moved.periods[k] for k in coming] or [_after_the_end(plan, on)]
    kept = [p for k, p in enumerate(moved.periods) if k not in coming]
    start = old[0].start
    nominal = start if plan.nominal_years() is not None else plan.nominal_due(start)
    anchored = add_months(nominal, 0, anchor_day=plan.anchor_day, month_end=plan.month_end) == nominal
    anchor = plan.anchor_day if anchored and plan.frequency.unit == "month" else nominal.day
    resumes = add_months(nominal, months, anchor_day=anchor, month_end=plan.month_end)
    pause = Period(start, resumes, 0, regular=False, pause=True, flat_on_cents=old[0].flat_on_cents)
    due = moved.nominal_due(old[0])
    anchor = plan.anchor_day if plan.frequency.unit == "month" else due.day
    dues = _nominal_from(plan, add_months(due, months, anchor_day=anchor, month_end=plan.month_end), len(old))
    shifted = [
        replace(period, start=begin, due_on=falls, unrolled_on=end)
        for period, (begin, falls, end) in zip(old, plan.spans(resumes, dues), strict=True)
    ]
    owed = max(overdue - waived_cents, 0)
    shifted[0] = replace(shifted[0], carried_cents=shifted[0].carried_cents + owed)
    paused, added = replace(moved, periods=(*kept, pause, *shifted)), 0
    if interest == "waive":
        paused = pause_interest(paused, start + timedelta(days=1), resumes)
    elif interest == "capitalise":
        before = paused.roll()[len(kept) - 1].waiting if kept else 0
        added = paused.roll()[len(kept)].waiting - before
        paused = replace(paused, capitalised=(*paused.capitalised, (resumes, added)))
    return level_again(paused, len(kept) + 1, added)


def take_back(running: Running, on: date, principal_cents: int, interest_cents: int = 0) -> Running:
    """A payment taken back on a day: its principal is owed again from then, both are due with the next installment.

    After the last due date they are due on the day itself. Installments stay. Source: Apache Fineract's chargebacks.
    """
    if min(principal_cents, interest_cents) < 0 or principal_cents + interest_cents == 0:
        raise ValueError(f"a payment of {principal_cents} + {interest_cents} cents cannot be taken back")
    last = running.periods[-1]
    own = last.due_on == on and last.payment_cents == 0 and last.due_again != (0, 0)
    coming = (k for k, p in enumerate(running.periods) if p.due_on > on and p.is_open)
    index = len(running.periods) - 1 if own else next(coming, None)
    if index is None:
        # The last installment so far repays what it did; another one is due on the day.
        part = running.parts()[-1]
        due = part.principal + part.interest - sum(last.due_again)
        running = running.changed(len(running.periods) - 1, lambda p: replace(p, payment_cents=due))
        index = len(running.periods)
        due_on = max(on, last.due_on)
        own_period = Period(min(last.ends_on, due_on), due_on, 0, regular=False)
        running = replace(running, periods=(*running.periods, own_period))
    principal, interest = running.periods[index].due_again
    again = (principal + principal_cents, interest + interest_cents)
    back = replace(running, taken_back=(*running.taken_back, (on, principal_cents, interest_cents)))
    return back.changed(index, lambda period: replace(period, due_again=again))


def _after_the_end(plan: Plan, on: date) -> Period:
    """The first period of installments that start on a day after the last due date; in between interest rested."""
    if plan.frequency.unit != "month":
        return Period(on, due_dates(on, 1, plan.frequency)[0], 0)
    here, due = (
        add_months(on, months, anchor_day=plan.anchor_day, month_end=plan.month_end)
        for months in (0, plan.frequency.every)
    )
    return Period(on, due, 0, regular=here == on)


def _nominal_from(plan: Plan, first: date, count: int) -> list[date]:
    """`count` due dates before any roll, from the first of them."""
    day = plan.anchor_day if plan.frequency.unit == "month" else None
    return due_dates(first, count, plan.frequency, first_due_on=first, due_day=day, month_end=plan.month_end)
