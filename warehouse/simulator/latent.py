"""What goes wrong underneath, month by month: shocks, and the customer's state of payment.

A default enters with a monthly hazard set by ability, willingness and the burden of debt, several times higher while a
shock lasts. Each month's decisions compare one uniform draw with one probability, so that a run with other
probabilities (without shocks, with relief) and the same seed differs only where the probability crossed the draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from warehouse.simulator.population import GIG, PAYROLL, RETIRED, SELF_EMPLOYED, STUDENT, UNEMPLOYED

if TYPE_CHECKING:
    from warehouse.simulator.draws import Bools, Floats, Ints, Streams
    from warehouse.simulator.population import Population
    from warehouse.simulator.timeline import Timeline

SHOCKS = ("none", "job_loss", "medical")
NO_SHOCK, JOB_LOSS, MEDICAL = range(3)

#: States of payment: pays; pays some days late; misses a month or two; stops.
STATES = ("pays", "forgets", "in_trouble", "defaulted")
PAYS, FORGETS, TROUBLE, DEFAULTED = range(4)

_BASE_HAZARD = 0.0020
_SHOCK_FACTOR = 6.0
_JOB_LOSS_A_MONTH = 0.0028
_MEDICAL_A_MONTH = 0.0016
_MEAN_SHOCK_MONTHS = 4.0
_RECOVERY_A_MONTH = 0.09
_SHORTEST_DEFAULT_MONTHS = 4
#: Of those who defaulted before the history, most are customers no longer.
_RUN_UP_SHARE = 0.3


@dataclass(frozen=True)
class Latent:
    """Latent paths of one block; matrices are (month of `timeline.latent_months`, customer)."""

    hazard: Floats
    pd_12m: Floats
    shock: Ints
    state: Ints
    streak: Ints
    hazard_month: Floats
    draw: Floats
    shocks_on: bool

    def defaulted_month(self, first: int) -> Ints:
        """Index of the first month from index `first` on in which the third payment in a row is missed; -1: none."""
        reached = (self.streak[first:] == 3) & (self.state[first:] == DEFAULTED)
        return np.where(reached.any(axis=0), reached.argmax(axis=0) + first, -1)


def default_hazard(base: Floats, in_shock: Bools, left: Floats | float = 1.0) -> Floats:
    """Probability of entering default this month; `left` is the share of what a shock adds that relief leaves."""
    return np.minimum(base * np.where(in_shock, 1.0 + (_SHOCK_FACTOR - 1.0) * left, 1.0), 0.6)


def shock_hazards(people: Population) -> tuple[Floats, Floats]:
    """Monthly probabilities that a job loss and that a medical shock begins."""
    exposed = np.isin(people.kind, (PAYROLL, GIG, SELF_EMPLOYED))
    job = _JOB_LOSS_A_MONTH * np.exp(-0.3 * people.ability) * exposed
    older = people.age_days > 50 * 365
    medical = _MEDICAL_A_MONTH * np.where(older, 2.0, 1.0) * np.ones(people.size)
    return job, medical


def base_hazard(people: Population, burden: Floats) -> Floats:
    """Monthly probability of entering default without a shock; `burden` is debt service over income."""
    kind = np.zeros(people.size)
    kind[people.kind == GIG] = 0.25
    kind[people.kind == STUDENT] = -0.3
    kind[people.kind == RETIRED] = -0.4
    kind[people.kind == UNEMPLOYED] = 0.7
    weight = -0.75 * people.ability - 0.70 * people.willingness + 1.4 * (np.minimum(burden, 1.0) - 0.2) + kind
    return np.minimum(_BASE_HAZARD * np.exp(weight), 0.25)


def latent(
    streams: Streams,
    people: Population,
    timeline: Timeline,
    burden: Floats,
    *,
    shocks: bool,
    eased: Floats | None = None,
) -> Latent:
    """Draw shocks and states over the run-up and the simulated months.

    `eased` (month of `latent_months`, customer) is the share of what a shock adds to the hazard that relief leaves; the
    assumption is that it falls with the payment.

    `pd_12m` is the probability of entering default within 12 months as known from ability, willingness and burden,
    before any shock is known: a shock begins with its monthly hazard and lasts four months on average.
    """
    hazard = base_hazard(people, burden)
    job, medical = shock_hazards(people)
    in_shock = np.minimum((job + medical) * _MEAN_SHOCK_MONTHS, 0.5) if shocks else np.zeros(people.size)
    pd_12m = 1.0 - np.exp(-12.0 * hazard * (1.0 + in_shock * (_SHOCK_FACTOR - 1.0)))
    n, months = people.size, timeline.latent_months
    shape = (len(months), n)
    shock, state, streak = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    monthly, drawn = np.zeros(shape), np.zeros(shape)
    kind, shock_left = np.zeros(n, np.int64), np.zeros(n, np.int64)
    defaulted, default_age, trouble_left = np.zeros(n, bool), np.zeros(n, np.int64), np.zeros(n, np.int64)
    missed = np.zeros(n, np.int64)
    forget = 0.018 * np.exp(-0.75 * people.willingness)
    for k, month in enumerate(months):
        u = streams.at("latent", month).random((5, n))
        kind = np.where(shock_left > 0, kind, NO_SHOCK)
        begins = np.where(u[0] < job, JOB_LOSS, np.where(u[0] < job + medical, MEDICAL, NO_SHOCK))
        starts = (shock_left == 0) & (begins > 0) & shocks
        shock_left = np.where(starts, 2 + (5 * u[1]).astype(np.int64), np.maximum(shock_left - 1, 0))
        kind = np.where(starts, begins, np.where(shock_left > 0, kind, NO_SHOCK))
        standing = 1.0 if month in timeline.months else _RUN_UP_SHARE
        monthly[k], drawn[k] = standing * default_hazard(hazard, kind > 0, 1.0 if eased is None else eased[k]), u[2]
        recovers = defaulted & (default_age >= _SHORTEST_DEFAULT_MONTHS) & (u[4] < _RECOVERY_A_MONTH)
        enters = ~defaulted & (u[2] < monthly[k])
        defaulted = (defaulted & ~recovers) | enters
        default_age = np.where(defaulted, default_age + 1, 0)
        p_trouble = np.minimum(2.0 * monthly[k], 0.3)
        new_trouble = (trouble_left == 0) & (u[3] < p_trouble)
        trouble_left = np.where(new_trouble, np.where(u[4] < 0.7, 1, 2), np.maximum(trouble_left - 1, 0))
        forgets = (u[3] >= p_trouble) & (u[3] < p_trouble + np.minimum(forget, 0.3))
        state[k] = np.select([defaulted, trouble_left > 0, forgets], [DEFAULTED, TROUBLE, FORGETS], PAYS)
        missed = np.where(state[k] >= TROUBLE, missed + 1, 0)
        shock[k], streak[k] = kind, missed
    return Latent(hazard, pd_12m, shock, state, streak, monthly, drawn, shocks)
