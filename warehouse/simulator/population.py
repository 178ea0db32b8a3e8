"""People: what they are like underneath, and what the lender's customer master says of them.

All of them are invented. Latent ability, willingness and thrift are standard normal; the first two correlate at 0.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from warehouse.simulator.draws import pick
from warehouse.simulator.timeline import epoch_day, month_start

if TYPE_CHECKING:
    from warehouse.simulator.draws import Bools, Floats, Ints, Streams
    from warehouse.simulator.timeline import Timeline

#: How someone makes a living; the codes below are positions in this tuple.
KINDS = ("payroll", "gig", "self_employed", "student", "retired", "unemployed")
PAYROLL, GIG, SELF_EMPLOYED, STUDENT, RETIRED, UNEMPLOYED = range(6)
_KIND_SHARES = (0.60, 0.13, 0.10, 0.06, 0.08, 0.03)
#: Median monthly income in currency units, its spread beyond ability, and the youngest and oldest age by kind.
_MEDIAN = np.array([8200.0, 5600.0, 9000.0, 2000.0, 4200.0, 1900.0])
_SPREAD = np.array([0.22, 0.25, 0.38, 0.20, 0.22, 0.20])
_YOUNGEST = np.array([22, 20, 25, 18, 58, 22])
_OLDEST = np.array([58, 52, 60, 24, 78, 55])

CARD_TYPES = ("transactor", "revolver", "minimum_payer", "late")
TRANSACTOR, REVOLVER, MINIMUM, LATE = range(4)

HOMES = ("renter", "owner", "mortgagor", "with_family")
RENTER, OWNER, MORTGAGOR, WITH_FAMILY = range(4)


@dataclass(frozen=True)
class Population:
    """One block of customers, an array element each. Amounts are in currency units, days are epoch days."""

    first_month: int
    number: Ints
    ability: Floats
    willingness: Floats
    thrift: Floats
    kind: Ints
    age_days: Ints
    base_income: Floats
    income_noise: Floats
    payday: Ints
    split_pay: Bools
    employer: Ints
    employed_from: Ints
    bonus_months: Floats
    raise_share: Floats
    job_change_month: Ints
    job_change_ratio: Floats
    next_employer: Ints
    home: Ints
    card_type: Ints
    gambler: Bools
    supports_family: Bools
    thin_file: Bools
    saver: Bools
    onboarded: Ints

    @property
    def size(self) -> int:
        """Customers in the block."""
        return int(self.number.size)

    def income_in(self, month: int) -> Floats:
        """Regular monthly income of a month without shocks: raises come each April, a job changes once."""
        raises = (month - 3) // 12 - (self.first_month - 3) // 12
        changed = np.where(month >= self.job_change_month, self.job_change_ratio, 1.0)
        return np.asarray(np.round(self.base_income * changed * (1.0 + self.raise_share) ** raises))

    def born_on(self) -> Ints:
        """Epoch day of birth: `age_days` is the age when the history's first month begins."""
        return np.asarray(month_start(self.first_month) - self.age_days)


def population(streams: Streams, numbers: Ints, timeline: Timeline, employers: int) -> Population:
    """Draw the people of a block; `numbers` are their customer numbers, `employers` how many employers there are."""
    rng, n = streams.at("person"), int(numbers.size)
    ability, other, thrift = rng.standard_normal((3, n))
    willingness = 0.3 * ability + np.sqrt(1 - 0.09) * other
    kind = pick(rng, _KIND_SHARES, n)
    age_days = ((_YOUNGEST[kind] + (_OLDEST - _YOUNGEST)[kind] * rng.beta(1.6, 2.2, n)) * 365.25).astype(np.int64)
    base = _MEDIAN[kind] * np.exp(0.36 * ability + _SPREAD[kind] * rng.standard_normal(n))
    noise = np.array([0.0, 0.22, 0.35, 0.12, 0.0, 0.25])[kind]
    noise = np.where((kind == PAYROLL) & (rng.random(n) < 0.2), 0.07, noise)
    job = streams.at("job")
    since = timeline.first_day - (365 * job.gamma(1.6, 2.6, n) + 30).astype(np.int64)
    changes = (kind == PAYROLL) & (job.random(n) < 0.12)
    home = pick(job, (0.36, 0.22, 0.27, 0.15), n)
    home = np.where((kind == STUDENT) | (kind == UNEMPLOYED), WITH_FAMILY, home)
    home = np.where((kind == RETIRED) & (home != WITH_FAMILY), OWNER, home)
    sound = 0.55 * ability + 0.55 * willingness + 0.25 * thrift + 0.55 * rng.standard_normal(n)
    card_type = np.select([sound > -0.1, sound > -0.85, sound > -1.4], [TRANSACTOR, REVOLVER, MINIMUM], LATE)
    history = epoch_day(timeline.start) - timeline.first_day
    onboarded = timeline.first_day - 30 - (2900 * rng.beta(1.1, 1.6, n)).astype(np.int64)
    fresh = rng.random(n) < 0.05
    onboarded = np.where(fresh, timeline.first_day + (history * rng.random(n)).astype(np.int64), onboarded)
    return Population(
        first_month=timeline.months.start,
        number=numbers,
        ability=ability,
        willingness=willingness,
        thrift=thrift,
        kind=kind,
        age_days=age_days,
        base_income=np.maximum(np.round(base, -1), 600.0),
        income_noise=noise,
        payday=np.array([5, 8, 10, 15, 20, 25, 31])[job.integers(0, 7, n)],
        split_pay=(kind == PAYROLL) & (job.random(n) < 0.10),
        employer=job.integers(0, employers, n),
        employed_from=since,
        bonus_months=np.where(kind == PAYROLL, np.maximum(job.normal(1.0, 0.8, n), 0.0), 0.0),
        raise_share=np.where((kind == PAYROLL) & (job.random(n) < 0.5), 0.02 + 0.05 * job.random(n), 0.0),
        job_change_month=np.where(changes, timeline.months.start + job.integers(1, 36, n), 9_999_999),
        job_change_ratio=np.exp(job.normal(0.08, 0.15, n)),
        next_employer=job.integers(0, employers, n),
        home=home,
        card_type=card_type.astype(np.int64),
        gambler=rng.random(n) < 0.03 * np.exp(-0.35 * willingness),
        supports_family=(rng.random(n) < 0.3) & (kind != STUDENT),
        thin_file=rng.random(n) < np.where(kind == STUDENT, 0.6, 0.07),
        saver=thrift + 0.4 * ability + 0.5 * rng.standard_normal(n) > 0.45,
        onboarded=onboarded,
    )
