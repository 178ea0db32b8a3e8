"""Schedules agreed meanwhile change what falls due, and lower burdens only spare defaults (the counterfactual)."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np

from warehouse.simulator import bureau, plans, repayments
from warehouse.simulator.draws import Streams
from warehouse.simulator.latent import DEFAULTED, Latent, latent
from warehouse.simulator.population import Population, population
from warehouse.simulator.repayments import Relief
from warehouse.simulator.timeline import Timeline, timeline

LINE: Timeline = timeline(date(2026, 1, 31), date(2026, 4, 30), 12, "monthly")
STREAMS = Streams(5, 0)


@cache
def world() -> tuple[Population, Latent, plans.Plans]:
    people = population(STREAMS, np.arange(1, 401), LINE, employers=10)
    burden = bureau.burden(people, bureau.accounts(STREAMS, people, LINE))
    hidden = latent(STREAMS, people, LINE, burden, shocks=True)
    return people, hidden, plans.plans(STREAMS, people, LINE, hidden, np.zeros((6, 1), np.int64))


def relief(due: int) -> Relief:
    months, p = len(LINE.latent_months), world()[2].customer.size
    agreed = np.full((months, p), -1)
    agreed[-3:] = due
    moved = np.zeros((months, p), bool)
    moved[-3] = True
    return Relief(agreed, moved)


def test_without_agreed_schedules_nothing_differs() -> None:
    _, hidden, booked = world()
    plain = repayments.service(STREAMS, LINE, hidden, booked)
    same = repayments.service(
        STREAMS, LINE, hidden, booked, relief=Relief(relief(0).due * 0 - 1, relief(0).moved & False)
    )
    assert (plain.due == same.due).all()
    assert (plain.movements.amount == same.movements.amount).all()


def test_nothing_falls_due_in_a_pause_and_nothing_before_it_is_owed() -> None:
    _, hidden, booked = world()
    paused = repayments.service(STREAMS, LINE, hidden, booked, relief=relief(0))
    assert paused.due[-3:].sum() == 0
    assert paused.owed[-3:].sum() == 0
    assert (paused.due[:-3] == repayments.service(STREAMS, LINE, hidden, booked).due[:-3]).all()


def test_agreed_payments_fall_due_instead_of_the_booked_ones() -> None:
    _, hidden, booked = world()
    agreed = repayments.service(STREAMS, LINE, hidden, booked, relief=relief(12_345))
    assert set(np.unique(agreed.due[-3:])) <= {0, 12_345}
    assert (agreed.due[-3:] == 12_345).any()


def test_a_lower_burden_spares_defaults_and_makes_none() -> None:
    people, hidden, _ = world()
    burden = bureau.burden(people, bureau.accounts(STREAMS, people, LINE))
    eased = np.zeros((len(LINE.latent_months), people.size))
    gentler = latent(STREAMS, people, LINE, burden, shocks=True, eased=eased)
    entered = np.diff((hidden.state == DEFAULTED).astype(int), axis=0, prepend=0) > 0
    assert (gentler.hazard_month <= hidden.hazard_month + 1e-12).all()
    assert (gentler.shock == hidden.shock).all()
    # Whoever never enters default with the whole burden never does with less of it.
    never = ~entered.any(axis=0)
    assert not (gentler.state == DEFAULTED)[:, never].any()
