"""Training samples of stored nights: customers as published then, with their later performance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from orchestration.reports.section import Section
from orchestration.run.context import RunContext
from orchestration.training.model_training import Task
from transforms.risk.model import champion
from transforms.risk.risk_assessment import risk_assessment
from transforms.risk.training.candidates import candidates, with_ratios
from transforms.risk.training.card_file import Surroundings
from transforms.risk.training.evaluation import Sample, folds_by_order, later_others
from transforms.risk.training.fit import Recipe
from transforms.risk.training.performance import BAD, EXCLUDED, GOOD, judged, performance_sql, sample_dates
from warehouse.contract import load_contract
from warehouse.lake import Lake
from warehouse.sql import literals

if TYPE_CHECKING:
    from datetime import date

    from transforms.risk.training.performance import Definition
    from warehouse.settings import Settings

#: A profile's columns say much the same many times over: a card of few that differ is steadier.
_RECIPE = Recipe(most_variables=16, most_alike=0.75)
CHAMPION = "champion"


@dataclass(frozen=True)
class Sampled:
    """Samples of nights with their performance (`outcome`), the champion's probability and the night's decision."""

    rows: pl.DataFrame
    days: list[date]
    known: date
    champion_body: dict[str, Any]
    recomputed: bool

    def learned(self) -> pl.DataFrame:
        """The rows to learn from."""
        return self.rows.filter(pl.col("outcome").is_in([BAD, GOOD]))


def sampled_nights(settings: Settings, definition: Definition, every_m: int, *, recompute: bool = False) -> Sampled:
    """Sample the warehouse.

    Features are those published on each sample date or, with `recompute`, what today's code makes of the deliveries
    known on it; outcomes are read as the newest night, or delivery, knows them. ValueError where no date has a whole
    performance window behind it.
    """
    Lake.open(settings, read_only=True).close()  # training makes no warehouse where there is none
    with RunContext(settings, "training") as run:
        nights = _month_ends(run) if recompute else _published(run)
        if not nights:
            raise ValueError("no night is published: run `fenqi backfill` over the dates to learn from")
        days = sample_dates(nights, nights[-1], definition, every_m)
        if not days:
            raise ValueError(
                f"no stored night is followed by {definition.window_m} months: the first is {nights[0]}, the last "
                f"{nights[-1]}. Run nights of earlier dates with `fenqi backfill`, or give a shorter --window"
            )
        samples = pl.concat([recomputed(run, d) for d in days]) if recompute else _samples(run, days)
        rows = judged(samples, _performance(run, nights[-1], days, definition), definition)
        body = run.rulebooks.models.document(champion(run.rulebooks.models.models_on(nights[-1]))).body
    return Sampled(rows, days, nights[-1], body, recompute)


def task_of(sampled: Sampled, definition: Definition, *, challenge: bool = True) -> tuple[Task, str]:
    """What to learn from the samples, and where they come from in a line."""
    learned, days = sampled.learned(), sampled.days
    outcome = (learned["outcome"] == BAD).to_numpy()
    moment = learned["as_of_date"].to_physical().cast(pl.Float64).to_numpy()
    who = learned["customer_token"].rank("dense").cast(pl.Int64).to_numpy()
    contract = load_contract("profile.customer_profile")
    protected = [c.name for c in contract.columns if c.classification == "protected"]
    names, dropped = candidates(contract_columns(learned), protected)
    frame, ratios = with_ratios(learned.select(names))
    texts = {c.name: (c.description.rstrip("."), c.description_zh) for c in contract.columns}
    texts |= {
        name: (f"{texts[a][0]}, over: {texts[b][0]}", f"{texts[a][1]}／{texts[b][1]}")
        for name, (a, b) in ratios.items()
    }
    how = "recomputed for" if sampled.recomputed else "published on"
    task = Task(
        frame=frame.with_columns(outcome=pl.Series(outcome)),
        target="outcome",
        outcome=outcome,
        dropped=dropped,
        messages=(
            definition.words(),
            f"features {how} {len(days)} nights, {days[0]} to {days[-1]}; outcomes as known on {sampled.known}",
            f"no reject inference: {definition.of_the_declined()}",
        ),
        sections=(_counted(sampled.rows, days), _decided(sampled.rows)),
        samples=_split(moment, who, len(days)),
        recipe=_RECIPE,
        others={CHAMPION: learned["champion_pd_12m"].to_numpy()},
        around=Surroundings(ratios, texts, sampled.champion_body),
        groups=("By sample date", learned["as_of_date"].cast(pl.String).to_numpy().astype(np.str_)),
        challenge=challenge,
    )
    span = f"{days[0]} to {days[-1]}"
    return task, f"{len(outcome):,} samples of {len(days)} nights {span}, window {definition.window_m} months"


def contract_columns(frame: pl.DataFrame) -> list[str]:
    """The columns of a frame that a profile has, keys among them."""
    there = {name for name, _ in load_contract("profile.customer_profile").lake_columns()}
    return [c for c in frame.columns if c in there]


def _split(
    moment: np.ndarray[tuple[int], np.dtype[np.float64]], who: np.ndarray[tuple[int], np.dtype[np.int64]], dates: int
) -> list[Sample]:
    if dates > 1:
        return later_others(moment, who)
    return [Sample("other customers", f.learned, f.asked) for f in folds_by_order(len(who), 4)]


def _published(run: RunContext) -> list[date]:
    frame = run.lake.frame("SELECT DISTINCT business_date FROM lake.control.run_manifest ORDER BY 1")
    days: list[date] = frame["business_date"].to_list()
    return days


def _month_ends(run: RunContext) -> list[date]:
    """The ends of months from the first delivery landed to the last; the last delivery's date among them."""
    row = run.lake.con.execute(
        "SELECT min(business_date), max(business_date) FROM lake.control.feed_delivery WHERE status = 'accepted'"
    ).fetchone()
    if row is None or row[0] is None:
        return []
    first, last = row
    ends = pl.date_range(first.replace(day=1), last, "1mo", eager=True).dt.month_end()
    return sorted({*(d for d in ends.to_list() if first <= d <= last), last})


def recomputed(run: RunContext, day: date) -> pl.DataFrame:
    """Every customer as today's code sees them on an earlier date, with the champion's scores."""
    inputs, parts = run.inputs(day), []
    for shards in run.night(day).shard_groups():
        profile: pl.DataFrame = inputs.computed(shards).value("customer_profile")
        assessment = risk_assessment(profile, run.rulebooks.scorecard(day), day)
        said = assessment.select("customer_token", champion_pd_12m="pd_12m", decision=pl.lit(None, pl.String))
        parts.append(profile.join(said, on="customer_token", how="left", maintain_order="left"))
    return pl.concat(parts).sort("customer_token")


def _samples(run: RunContext, days: list[date]) -> pl.DataFrame:
    listed = literals(days)
    return run.lake.frame(
        f"SELECT p.*, r.pd_12m AS champion_pd_12m, e.decision FROM lake.profile.customer_profile p "
        "JOIN lake.risk.risk_assessment r USING (as_of_date, customer_token) "
        "LEFT JOIN lake.eligibility.customer_eligibility e USING (as_of_date, customer_token) "
        f"WHERE p.as_of_date IN ({listed}) ORDER BY p.as_of_date, p.customer_token"
    )


def _performance(run: RunContext, known: date, days: list[date], definition: Definition) -> pl.DataFrame:
    night = run.night(known)
    accounts, plans = night.feed("credit.credit_account").all, night.feed("credit.installment_plan").all
    return run.lake.frame(performance_sql(accounts, plans, days, definition))


def _counted(rows: pl.DataFrame, days: list[date]) -> Section:
    """How many of each sample date are learned from, and why the others are not."""
    named = [GOOD, BAD, *(name for name in EXCLUDED if (rows["outcome"] == name).any())]

    def row(title: str, part: pl.DataFrame) -> tuple[str, ...]:
        return (title, f"{part.height:,}", *(f"{part.filter(pl.col('outcome') == name).height:,}" for name in named))

    heads = ("sample date", "customers", *(f"{n}: left out" if n in EXCLUDED else n for n in named))
    return Section(
        "Samples",
        heads,
        (*(row(str(day), rows.filter(pl.col("as_of_date") == day)) for day in days), row("all", rows)),
    )


def _decided(rows: pl.DataFrame) -> Section:
    """Performance of customers by their decision then; outcomes of the declined may or may not be observed."""
    learned = rows.filter(pl.col("outcome").is_in([BAD, GOOD])).with_columns(pl.col("decision").fill_null("none"))
    counted = learned.group_by("decision").agg(n=pl.len(), bads=(pl.col("outcome") == BAD).sum()).sort("decision")
    return Section(
        "What became of them, by the decision of the sample date",
        ("decision", "customers", "bads", "bad rate"),
        tuple((d, f"{n:,}", f"{b:,}", f"{b / n:.2%}") for d, n, b in counted.iter_rows()),
    )
