"""What relief does for customers hit by a shock, against a lender that offers nothing: the same people, the same draws.

`python -m tests.benchmarks.relief --customers 20000 --seeds 7` plays the simulated lender for a year and looks at the
books every night of the seven months in which shocks begin, weekly afterwards. Most of those who are offered relief
take it, and the year is played on: draws before a decision stay as they were, later ones differ only where the lower
burden changes what a draw decides. Three worlds per seed: the lender offers nothing; it offers relief to who opens a
case; it also calls whom its early warnings name, and half of those called in a difficulty open a case. How many answer
and take relief, and what relief does to the risk of stopping, are assumptions, said in `relief_world` and the
simulator.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from tests.benchmarks.relief_world import END, NEVER, START, World
from warehouse.simulator.timeline import epoch_day, month_number, month_start

#: Shocks that begin in these months are followed to the end of the year.
FOLLOWED = (month_number(date(2025, 4, 1)), month_number(date(2025, 9, 1)))
_NIGHTLY_UNTIL = date(2025, 10, 31)
#: A payment missed this long after a shock is over is not laid to it.
_AFTER_DAYS = 31
_ANSWERS = 0.5
_HELP = ("early_help", "relief_open")
RELIEF = ("art70_restructure", "payment_holiday")


def nights() -> list[date]:
    """Every night while shocks begin and shortly after, then every seventh."""
    days, day = list[date](), START + timedelta(days=1)
    while day <= END:
        days.append(day)
        day += timedelta(days=1 if day < _NIGHTLY_UNTIL else 7)
    return days


def hit_months(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Per customer the month a shock begins while a plan runs, and the month after it is over; -1 for none."""
    starts, n = world.line.latent_months.start, world.people.size
    begins = (world.shock[1:] > 0) & (world.shock[:-1] == 0)
    hit, over = np.full(n, -1), np.full(n, -1)
    for month in range(FOLLOWED[0], FOLLOWED[1] + 1):
        age = month - world.booked.start_month
        has = (age >= 1) & (age <= world.booked.term) & (world.booked.cancelled == 0)
        running = np.bincount(world.booked.customer[has], minlength=n) > 0
        hit = np.where((hit < 0) & begins[month - starts - 1] & running, month, hit)
    for customer in np.flatnonzero(hit >= 0):
        rest = world.shock[hit[customer] - starts :, customer] == 0
        over[customer] = hit[customer] + (int(rest.argmax()) if rest.any() else rest.size)
    return hit, over


def first_missed(world: World, begins: np.ndarray, until: np.ndarray) -> np.ndarray:
    """Per customer the day of the first failed debit while the shock lasts; NEVER for none."""
    customer, day = world.failed_days()
    first = np.full(begins.size, NEVER)
    counts = (day >= begins[customer]) & (day <= until[customer])
    np.minimum.at(first, customer[counts], day[counts])
    return first


def relieved(
    nothing: World, answers: float, hit: np.ndarray, begins: np.ndarray
) -> tuple[World, dict[str, np.ndarray]]:
    """A world with relief, and per customer the days on which it found them and what was open to them."""
    world = World(nothing.customers, nothing.seed, answers=answers)
    world.follow(hit)
    seen = {name: np.full(hit.size, NEVER) for name in (*_HELP, *RELIEF)}
    for day in nights():
        found = world.night(day)
        for kind in _HELP:
            mark(seen[kind], found.contacts.filter(pl.col("kind") == kind), epoch_day(day), begins)
        for route in RELIEF:
            mark(seen[route], found.routes.filter("eligible", route=route), epoch_day(day), begins)
        if answers:
            world.answer(found.contacts, day)
        if world.take(found.routes, day):
            world.apply(world.night(day).agreed, day)
            world.play()
    return world, seen


def mark(seen: np.ndarray, rows: pl.DataFrame, epoch: int, begins: np.ndarray) -> None:
    """Note the first day, from the beginning of the shock on, on which customers are among the rows."""
    who = rows["customer_token"].unique().str.slice(1).cast(pl.Int64).to_numpy() - 1
    who = who[begins[who] <= epoch]
    seen[who] = np.minimum(seen[who], epoch)


def counts(seen: dict[str, np.ndarray], begins: np.ndarray, missed: np.ndarray, hit: np.ndarray) -> Counter[str]:
    """How many of the customers hit were found when, and what was open to them."""
    found = np.minimum(seen["early_help"], seen["relief_open"])
    opened = np.minimum(seen[RELIEF[0]], seen[RELIEF[1]])
    misses, days = hit & (missed < NEVER), found - begins
    told: Counter[str] = Counter()
    told["hit_by_a_shock_with_a_running_plan"] = int(hit.sum())
    told["missed_a_payment_in_it_without_relief"] = int(misses.sum())
    told["of_those_found_before_the_miss"] = int((misses & (found < missed)).sum())
    told["of_those_offered_relief_before_the_miss"] = int((misses & (opened < missed)).sum())
    told["found_at_all"] = int((hit & (found < NEVER)).sum())
    told["found_before_any_missed_payment"] = int((hit & (found < missed)).sum())
    for limit in (1, 7, 14, 31):
        told[f"found_within_{limit}_days_of_the_shock"] = int((hit & (days < limit)).sum())
    told["offered_an_affordable_route"] = int((hit & (opened < NEVER)).sum())
    for route in RELIEF:
        told[f"offered_{route}"] = int((hit & (seen[route] < NEVER)).sum())
    return told


def breaks(nothing: World, world: World, hit: np.ndarray) -> Counter[str]:
    """Plans of the customers hit, broken in one world and the other."""
    of_hit = hit[nothing.booked.customer]
    without, with_it = nothing.broken_plans() & of_hit, world.broken_plans() & of_hit
    customers = [np.isin(np.flatnonzero(hit), nothing.booked.customer[mask]).sum() for mask in (without, with_it)]
    return Counter(
        customers_with_a_broken_plan_nothing_offered=int(customers[0]),
        customers_with_a_broken_plan_with_relief=int(customers[1]),
        plans_broken_only_where_nothing_is_offered=int((without & ~with_it).sum()),
        plans_broken_only_with_relief=int((with_it & ~without).sum()),
        plans_broken_in_both=int((with_it & without).sum()),
        relief_taken=len(world.acceptances) // 2,
    )


def alarms(seed: int, customers: int, sample: int = 1500) -> Counter[str]:
    """Early-help calls of three months, every seventh night, to customers with a plan whom no shock has hit."""
    world = World(customers, seed)
    calm = (world.shock == 0).all(axis=0)
    holders = np.isin(np.arange(customers), world.booked.customer)
    chosen = np.flatnonzero(calm & holders)[:sample]
    mask = np.zeros(customers, bool)
    mask[chosen] = True
    world.follow(mask)
    told: Counter[str] = Counter(calm_customers=int(chosen.size))
    called: dict[str, set[str]] = {}
    for week in range(13):
        found = world.night(date(2025, 5, 7) + timedelta(days=7 * week)).contacts.filter(pl.col("kind") == "early_help")
        for alert, token in found.select("alert", "customer_token").iter_rows():
            told[f"calls_{alert}"] += 1
            called.setdefault(alert, set()).add(token)
    for alert, who in called.items():
        told[f"customers_called_{alert}"] = len(who)
    return told


def study(customers: int, seed: int) -> dict[str, Counter[str]]:
    """Run one seed's worlds and count."""
    nothing, calm = World(customers, seed), World(customers, seed, shocks=False)
    month, over = hit_months(nothing)
    hit = month >= 0
    begins = np.where(hit, month_start(np.maximum(month, 1970 * 12)), 10 * NEVER)
    until = np.where(hit, month_start(np.maximum(over, 1970 * 12)) + _AFTER_DAYS, -1)
    missed = first_missed(nothing, begins, until)
    told: dict[str, Counter[str]] = {}
    for name, answers in (("cases_only", 0.0), ("cases_and_calls", _ANSWERS)):
        world, seen = relieved(nothing, answers, hit, begins)
        told[name] = counts(seen, begins, missed, hit) + breaks(nothing, world, hit)
        # Adding counters drops what is nil.
        told[name] |= {k: 0 for k in breaks(nothing, world, hit) if k not in told[name]}
    told["without_shocks"] = Counter(
        customers_with_a_broken_plan=int(np.isin(np.flatnonzero(hit), calm.booked.customer[calm.broken_plans()]).sum())
    )
    return told


def paired(told: Counter[str]) -> dict[str, float]:
    """The difference in plans broken, as a share of the customers hit, with its 95 % interval.

    The same plans in two worlds: of those that broke in one only, `b` where nothing is offered and `c` with relief. The
    difference is (b - c) / n with variance ((b + c) - (b - c)^2 / n) / n^2 (the interval of McNemar's test), `exact_p`
    the binomial chance of a split as uneven if relief made no difference.
    """
    b, c = told["plans_broken_only_where_nothing_is_offered"], told["plans_broken_only_with_relief"]
    n = max(told["hit_by_a_shock_with_a_running_plan"], 1)
    spread = 1.96 * math.sqrt(max((b + c) - (b - c) ** 2 / n, 0)) / n
    tail = sum(math.comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c)
    return {
        "fewer_broken_share": round((b - c) / n, 4),
        "low": round((b - c) / n - spread, 4),
        "high": round((b - c) / n + spread, 4),
        "exact_p": round(min(1.0, 2 * tail), 4),
    }


def main() -> None:
    """Pool the seeds asked for and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=40_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[7])
    given = parser.parse_args()
    pooled: dict[str, Counter[str]] = {}
    for seed in given.seeds:
        for name, told in study(given.customers, seed).items():
            pooled.setdefault(name, Counter()).update(told)
        pooled.setdefault("false_alarms", Counter()).update(alarms(seed, min(given.customers, 8_000)))
    shown: dict[str, Any] = {"customers": given.customers, "seeds": given.seeds, **pooled}
    for name in ("cases_only", "cases_and_calls"):
        shown[name] = {**pooled[name], "paired": paired(pooled[name])}
    print(json.dumps(shown, indent=1))


if __name__ == "__main__":
    main()
