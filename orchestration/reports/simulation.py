"""A published night decided again under other policies or another model, beside what was published."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.reports.page import page
from orchestration.reports.pictures import Bars, bar_plot
from orchestration.reports.section import Section
from orchestration.run.context import RunContext
from transforms.decision.customer_eligibility import customer_eligibility
from transforms.decision.simulation import DECISIONS, Book, Swaps, Treatment, booked, swaps, treatments
from transforms.pricing.rate_card import rate_card
from transforms.risk.risk_assessment import GradeInputs, risk_assessment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import polars as pl

    from warehouse.settings import Settings

PUBLISHED = "as published"


@dataclass(frozen=True)
class Outcome:
    """One way of deciding the night: its book, and how it differs from what was published."""

    name: str
    version: str
    book: Book
    swaps: Swaps
    treatments: tuple[Treatment, ...]


@dataclass(frozen=True)
class Simulation:
    """What was published, and each other way of deciding the same customers."""

    business_date: date
    published: Outcome
    others: tuple[Outcome, ...]

    def sections(self) -> list[Section]:
        """The tables, a column per way of deciding."""
        ways = (self.published, *self.others)
        heads = ("", *(w.name for w in ways))
        return [
            Section("Decisions and money", heads, tuple(_figures(ways))),
            Section(
                "Who changes, against what was published",
                ("", *(w.name for w in self.others)),
                tuple(_moves(self.others)),
            ),
            Section("What binds the limit of eligible customers", heads, tuple(_counted(ways, "bound_by"))),
            Section("Reasons given", heads, tuple(_counted(ways, "reasons"))),
            Section(
                "Share eligible over that of the best group (0.80 and less wants an explanation)",
                heads,
                tuple(_fairness(ways)),
            ),
        ]

    def page(self) -> str:
        """The tables and their pictures as a page that opens without a network."""
        ways = (self.published, *self.others)
        return page(
            "simulation",
            title=f"The night of {self.business_date} under other policies",
            pictures=[bar_plot(bars) for bars in (*_bars(ways), *_bars_of_moves(self.others), *_bars_of_bounds(ways))],
            sections=self.sections(),
            ways=ways,
        )

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "business_date": str(self.business_date),
            "outcomes": [
                {
                    "name": w.name,
                    "policy_version": w.version,
                    **vars(w.book),
                    "swaps": {**vars(w.swaps), "matrix": {f"{a} to {b}": n for (a, b), n in w.swaps.matrix.items()}},
                    "treatments": [vars(t) for t in w.treatments],
                }
                for w in (self.published, *self.others)
            ],
        }


def simulate(settings: Settings, day: date, policies: Sequence[str], scorecard: str | None = None) -> Simulation:
    """Decide the published night of `day` again under each policy (and, if given, another scorecard).

    Profiles and facts are those published; only rules, prices and, with `scorecard`, the assessment are made anew.
    ValueError where the night is not published.
    """
    with RunContext(settings, "simulation") as run:
        published = run.lake.frame("SELECT * FROM lake.eligibility.customer_eligibility WHERE as_of_date = ?", [day])
        if published.is_empty():
            raise ValueError(f"{day} is not published: run `fenqi night --date {day}` first")
        profile = run.lake.frame("SELECT * FROM lake.profile.customer_profile WHERE as_of_date = ?", [day])
        risk = run.lake.frame("SELECT * FROM lake.risk.risk_assessment WHERE as_of_date = ?", [day])
        stability = run.lake.frame(
            "SELECT customer_token, e.income_cv, p.balance_min_cents_3m FROM lake.profile.income_estimate AS e "
            "JOIN lake.profile.customer_profile AS p USING (as_of_date, customer_token) WHERE as_of_date = ?",
            [day],
        )
        lpr = run.inputs(day).whole().value("lpr_1y_bp")
    evidence = published.select("customer_token", "hardship_evidence").drop_nulls()
    first = _outcome(PUBLISHED, published["policy_version"][0], published, published, profile)
    others = []
    for name in policies:
        given = {"policy": name} | ({"scorecard": scorecard} if scorecard else {})
        with RunContext(settings.model_copy(update=given), "simulation") as run:
            policy, card, products = (
                run.rulebooks.policy(day),
                run.rulebooks.scorecard(day),
                run.rulebooks.products(day),
            )
            cells = rate_card(policy, products, day, lpr)
            inputs = GradeInputs.as_published(risk, policy)
            judged = risk_assessment(profile, card, day, inputs) if scorecard else risk
            decided = customer_eligibility(
                profile, judged, policy, cells, day, products=products, hardship_evidence=evidence, stability=stability
            )
        shown = Path(name).name if name.endswith(".toml") else name
        title = f"{shown} with {scorecard}" if scorecard else shown
        others.append(_outcome(title, policy.version, published, decided, profile))
    return Simulation(day, first, tuple(others))


def _outcome(name: str, version: str, before: pl.DataFrame, after: pl.DataFrame, profile: pl.DataFrame) -> Outcome:
    return Outcome(name, version, booked(after), swaps(before, after), tuple(treatments(after, profile)))


def _money(cents: int) -> str:
    return f"{cents / 100:,.2f}"


def _figures(ways: Sequence[Outcome]) -> list[tuple[str, ...]]:
    rows = [(d, *(f"{w.book.decisions[d]:,}" for w in ways)) for d in DECISIONS]
    named = {
        "limits of eligible customers": "limit_cents",
        "expected loss a year on them": "loss_cents",
        "interest a year on them, lowest rates": "revenue_cents",
        "affordable payments a month": "payment_cents",
    }
    rows += [(text, *(_money(getattr(w.book, field)) for w in ways)) for text, field in named.items()]
    shares = {
        "median debt service of income": "median_dsr_bp",
        "the same with every affordable payment taken up": "median_dsr_after_bp",
    }
    for text, field in shares.items():
        ratios = (getattr(w.book, field) for w in ways)
        rows.append((text, *("" if r is None else f"{r / 100:.2f}%" for r in ratios)))
    return rows


def _bars(ways: Sequence[Outcome]) -> list[Bars]:
    """Customers by decision and money, a bar per way of deciding."""
    bars = [
        Bars(f"Customers {d}", "customers", [(w.name, float(w.book.decisions[d])) for w in ways]) for d in DECISIONS
    ]
    money = {
        "Limits of eligible customers": "limit_cents",
        "Expected loss a year": "loss_cents",
        "Interest a year, lowest rates": "revenue_cents",
    }
    return bars + [
        Bars(title, "currency units", [(w.name, getattr(w.book, field) / 100) for w in ways])
        for title, field in money.items()
    ]


def _bars_of_moves(others: Sequence[Outcome]) -> list[Bars]:
    """Customers swapped in and out, a bar per other way of deciding."""
    fields = {"swapped in": "swapped_in", "swapped out": "swapped_out"}
    return [
        Bars(f"Customers {title}", "customers", [(w.name, float(getattr(w.swaps, field))) for w in others])
        for title, field in fields.items()
    ]


def _bars_of_bounds(ways: Sequence[Outcome]) -> list[Bars]:
    """What binds the limits, a picture per way of deciding with the same bars."""
    bounds = sorted({name for w in ways for name in w.book.bound_by})
    return [
        Bars(f"{w.name}: what binds", "customers", [(b, float(w.book.bound_by.get(b, 0))) for b in bounds])
        for w in ways
        if bounds
    ]


def _moves(others: Sequence[Outcome]) -> list[tuple[str, ...]]:
    named = {
        "swapped in: now eligible": "swapped_in",
        "swapped out: no longer": "swapped_out",
        "eligible both times, limit up": "limit_up",
        "limit down": "limit_down",
        "dearer": "dearer",
        "cheaper": "cheaper",
        "nothing changed": "unchanged",
    }
    rows = [(text, *(f"{getattr(w.swaps, field):,}" for w in others)) for text, field in named.items()]
    pairs = [(a, b) for a in DECISIONS for b in DECISIONS if a != b]
    return rows + [(f"{a} to {b}", *(f"{w.swaps.matrix[a, b]:,}" for w in others)) for a, b in pairs]


def _counted(ways: Sequence[Outcome], field: str) -> list[tuple[str, ...]]:
    names = sorted({name for w in ways for name in getattr(w.book, field)})
    return [(name, *(f"{getattr(w.book, field).get(name, 0):,}" for w in ways)) for name in names]


def _fairness(ways: Sequence[Outcome]) -> list[tuple[str, ...]]:
    rows = []
    for number, t in enumerate(ways[0].treatments):
        ratios = [w.treatments[number].ratio for w in ways]
        shown = ("too few" if r is None else f"{r:.2f}" for r in ratios)
        rows.append((f"{t.attribute}: {t.group} ({t.customers:,})", *shown))
    return rows
