"""What customers earn: wages, gig pay, takings, pensions, family support, and what a job loss leaves of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from warehouse.simulator import templates as t
from warehouse.simulator.draws import cents
from warehouse.simulator.latent import JOB_LOSS
from warehouse.simulator.lines import Counterparty, Lines
from warehouse.simulator.population import GIG, PAYROLL, RETIRED, SELF_EMPLOYED, STUDENT, UNEMPLOYED
from warehouse.simulator.timeline import day_in_month, days_in_month, month_start

if TYPE_CHECKING:
    from warehouse.simulator.draws import Bools, Floats, Ints, Streams
    from warehouse.simulator.latent import Latent
    from warehouse.simulator.population import Population
    from warehouse.simulator.timeline import Timeline

#: Month of the 13th wage, by the remainder of the employer's number: January or February (before Spring Festival).
_BONUS_MONTHS = (0, 1)


@dataclass(frozen=True)
class Income:
    """Income of a block; matrices are (month of `timeline.months`, customer), in cents.

    `regular` is what the job or its substitute pays that month before shocks and without bonus; `received` is what
    reached the account.
    """

    regular: Ints
    received: Ints
    lines: Lines


def income(streams: Streams, people: Population, timeline: Timeline, hidden: Latent) -> Income:
    """Draw the block's income and the bank lines it comes in."""
    n, months = people.size, timeline.months
    regular, received = np.zeros((len(months), n), np.int64), np.zeros((len(months), n), np.int64)
    lines = Lines()
    for k, month in enumerate(months):
        rng = streams.at("income", month)
        base = people.income_in(month)
        regular[k] = cents(base)
        jobless = hidden.shock[timeline.latent_index(np.asarray(month))] == JOB_LOSS
        level = base * np.exp(people.income_noise * rng.standard_normal(n) - people.income_noise**2 / 2)
        parts = Lines()
        _wages(rng, people, month, level, jobless, parts)
        _many_payers(rng, people, month, np.where(jobless, 0.25 * level, level), parts)
        _one_payer(rng, people, month, level, jobless, parts)
        batch = parts.arrays()
        received[k] = np.bincount(batch.customer, weights=batch.amount, minlength=n).astype(np.int64)
        lines.extend(batch)
    return Income(regular, received, lines)


def _wages(
    rng: np.random.Generator, people: Population, month: int, level: Floats, jobless: Bools, lines: Lines
) -> None:
    """One wage a month, or a base wage and performance pay; the 13th in the first months of the year."""
    n = people.size
    paid = np.flatnonzero((people.kind == PAYROLL) & ~jobless)
    employer = np.where(month >= people.job_change_month, people.next_employer, people.employer)
    payday = day_in_month(month, people.payday)
    weekday = (payday + 3) % 7
    payday = np.maximum(payday - np.maximum(weekday - 4, 0), month_start(month))
    first = np.where(people.split_pay, np.round(0.7 * level), np.round(level, 2))
    template = t.wage_templates(month, employer)
    lines.add(
        paid,
        payday[paid],
        cents(first)[paid],
        template[paid],
        (Counterparty.EMPLOYER, employer[paid]),
        rng,
        hours=(8, 12),
    )
    second = paid[people.split_pay[paid]]
    later = month_start(month) + np.minimum((payday - month_start(month) + 10) % 28, days_in_month(month) - 1)
    rest = cents(np.round(level, 2)) - cents(first)
    code = np.full(n, t.PERFORMANCE_PAY)
    lines.add(
        second, later[second], rest[second], code[second], (Counterparty.EMPLOYER, employer[second]), rng, hours=(8, 12)
    )
    bonus_month = np.asarray(_BONUS_MONTHS)[employer % 2]
    thirteenth = paid[(month % 12 == bonus_month[paid]) & (people.bonus_months[paid] > 0.2)]
    bonus = cents(np.round(level * people.bonus_months))
    lines.add(
        thirteenth,
        payday[thirteenth] - (payday[thirteenth] > month_start(month)),
        bonus[thirteenth],
        np.full(thirteenth.size, t.BONUS),
        (Counterparty.EMPLOYER, employer[thirteenth]),
        rng,
        hours=(8, 12),
    )
    gone = np.flatnonzero((people.kind == PAYROLL) & jobless)
    lines.add(
        gone,
        day_in_month(month, np.full(gone.size, 18)),
        cents(np.minimum(0.35 * level[gone], 2200.0)),
        np.full(gone.size, t.UNEMPLOYMENT_BENEFIT),
        (Counterparty.STATE, np.zeros(gone.size, np.int64)),
        rng,
        hours=(9, 17),
    )


def _many_payers(rng: np.random.Generator, people: Population, month: int, level: Floats, lines: Lines) -> None:
    """Gig pay in weekly settlements of a few platforms; a trader's takings from many."""
    length = int(days_in_month(month))
    for kind, mean, texts, counterparty, payers in (
        (GIG, 4.5, t.GIG_PAY, Counterparty.PLATFORM, 40),
        (SELF_EMPLOYED, 5.0, t.TAKINGS, Counterparty.PAYER, 4000),
    ):
        who = np.flatnonzero(people.kind == kind)
        count = 1 + rng.poisson(mean - 1.0, who.size)
        rows = np.repeat(np.arange(who.size), count)
        share = rng.gamma(4.0, 1.0, rows.size)
        share /= np.bincount(rows, weights=share, minlength=who.size)[rows]
        day = month_start(month) + (length * rng.random(rows.size)).astype(np.int64)
        template = np.asarray(texts)[rng.integers(0, len(texts), rows.size)]
        # Most settlements of one worker come from the same few platforms.
        payer = (people.number[who][rows] * 7 + rng.integers(0, 3, rows.size) * 13) % payers
        amount = np.maximum(cents(np.round(level[who][rows] * share, 2)), 100)
        lines.add(who[rows], day, amount, template, (counterparty, payer), rng, hours=(7, 23))


def _one_payer(
    rng: np.random.Generator, people: Population, month: int, level: Floats, jobless: Bools, lines: Lines
) -> None:
    """Pensions, parents, relief, and a relative who helps out while a job is lost."""
    n = people.size
    for kind, day, template, counterparty in (
        (RETIRED, 14, t.PENSION, Counterparty.STATE),
        (STUDENT, 2, t.FAMILY_IN, Counterparty.FAMILY),
        (UNEMPLOYED, 6, t.FAMILY_IN, Counterparty.FAMILY),
    ):
        who = np.flatnonzero(people.kind == kind)
        late = rng.integers(0, 3, who.size)
        other = np.zeros(who.size, np.int64) if counterparty == Counterparty.STATE else people.number[who]
        lines.add(
            who,
            day_in_month(month, day + late),
            cents(np.round(level[who], 0)),
            np.full(who.size, template),
            (counterparty, other),
            rng,
            hours=(8, 20),
        )
    helped = np.flatnonzero(jobless & (rng.random(n) < 0.5))
    lines.add(
        helped,
        day_in_month(month, np.full(helped.size, 20)),
        cents(np.round(0.2 * level[helped], -2)),
        np.full(helped.size, t.FAMILY_IN),
        (Counterparty.FAMILY, people.number[helped]),
        rng,
        hours=(8, 22),
    )
