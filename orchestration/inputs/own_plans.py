"""The lender's own plans as one night knows them: what every step of it reads of them, from one place.

Only what is small is kept: the few plans that were changed and the few wishes that are open. Rows of feeds are read
anew, so memory stays bounded by a group of shards. What is kept goes with the night.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from transforms.dates.business_days import parse_calendar
from transforms.loans.plan_progress import plan_progress
from transforms.loans.product_conventions import ProductConventions
from transforms.loans.states import LoanStates
from transforms.loans.versions import plan_versions
from transforms.servicing.cases import open_requests, permitted_cases
from transforms.servicing.plan_reconciliation import plan_reconciliation
from transforms.servicing.previews import previews
from warehouse.reference import load_document

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from orchestration.run.context import RunContext
    from transforms.loans.version_tables import Versions
    from warehouse.night import Night

Shards = tuple[int, int]


@dataclass
class _Kept:
    """Of one night, by group of shards."""

    conventions: ProductConventions | None = None
    versions: dict[Shards, Versions] = field(default_factory=dict)
    previewed: dict[Shards, tuple[pl.DataFrame, pl.DataFrame]] = field(default_factory=dict)
    reconciled: dict[Shards, tuple[pl.DataFrame, pl.DataFrame]] = field(default_factory=dict)


@dataclass(frozen=True)
class PlanBooks:
    """Own plans of a group of shards: their rows, what was paid on them, and every version of their schedules."""

    plans: pl.DataFrame
    repayments: pl.DataFrame
    versions: Versions
    conventions: ProductConventions


_NIGHTS: WeakKeyDictionary[Night, _Kept] = WeakKeyDictionary()


def _kept(work: RunContext, day: date) -> _Kept:
    return _NIGHTS.setdefault(work.night(day), _Kept())


def kinds_of(work: RunContext, day: date) -> dict[str, str]:
    """The kind of every product in the catalogue, sold under the policy or not."""
    return {product.product_code: product.kind for product in work.catalogue(day).products}


def conventions_on(work: RunContext, day: date) -> ProductConventions:
    """The conventions of every product by the catalogue's versions, and the closed days known on the night."""
    kept = _kept(work, day)
    if kept.conventions is None:
        versions = work.product_book.conventions()
        names = sorted({c.calendar for of_product in versions.values() for _, c in of_product})
        documents = {name: load_document("calendars", name) for name in names}
        calendars = {n: parse_calendar(d.body, source=d.path.name) for n, d in documents.items()}
        kept.conventions = ProductConventions(day, versions, calendars)
    return kept.conventions


def plan_books(work: RunContext, day: date, shards: Shards, as_of: date | None = None) -> PlanBooks:
    """Own plans, what was paid on them, and what was agreed; with an earlier `as_of`, what had happened by then."""
    plans, repayments = (
        work.rows(f"credit.{feed}", day, shards, known_on=True) for feed in ("installment_plan", "repayment")
    )
    kept, then = _kept(work, day).versions, as_of or day
    if then != day or shards not in kept:
        made = plan_versions(
            plans,
            repayments,
            work.latest("credit.service_case", day, shards),
            work.policy_book,
            kinds_of(work, day),
            then,
            conventions_on(work, day),
        )
        if then != day:
            return PlanBooks(plans, repayments, made, conventions_on(work, day))
        kept[shards] = made
    return PlanBooks(plans, repayments, kept[shards], conventions_on(work, day))


def progress_of(work: RunContext, day: date, shards: Shards, as_of: date | None = None) -> pl.DataFrame:
    """`servicing.plan_progress` of a group of shards; with an earlier `as_of`, as of then by what the night knows."""
    books, then = plan_books(work, day, shards, as_of), as_of or day
    hardship, policy = work.latest("credit.hardship_case", day, shards), work.policy(day)
    agreement = None if then != day else reconciled(work, day, shards)[1]
    return plan_progress(
        books.plans, books.repayments, books.versions, hardship, then, policy, books.conventions, agreement
    )


def reconciled(work: RunContext, day: date, shards: Shards) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Where the books' figures differ from the engine's, and what comes of it for each plan they state."""
    kept = _kept(work, day).reconciled
    if shards not in kept:
        books = plan_books(work, day, shards)
        kept[shards] = plan_reconciliation(
            books.plans, books.repayments, books.versions, day, work.policy(day), books.conventions
        )
    return kept[shards]


def loan_states(work: RunContext, day: date, shards: Shards, progress: pl.DataFrame) -> LoanStates:
    """Every own plan of the night, ready to be changed."""
    books = plan_books(work, day, shards)
    return LoanStates(books.plans, progress, books.versions, books.conventions, day)


def open_wishes(work: RunContext, day: date, shards: Shards) -> pl.DataFrame:
    """Changes of plans that customers have asked for and that are not yet answered."""
    return open_requests(work.latest("credit.service_case", day, shards), day, work.policy(day))


def known_hardship(work: RunContext, day: date, shards: Shards) -> pl.DataFrame:
    """Cases of hardship as far as they may be known."""
    cases = work.latest("credit.hardship_case", day, shards)
    return permitted_cases(cases, work.latest("bank.consent", day, shards), day)


def previewed_wishes(work: RunContext, day: date, shards: Shards) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the open wishes would make of their plans; progress and routes of the night are there by then."""
    kept, night = _kept(work, day).previewed, work.night(day)
    if shards not in kept:
        progress, routes = (
            night.read(t, shards) for t in ("servicing.plan_progress", "eligibility.second_installment")
        )
        states = loan_states(work, day, shards, progress)
        wishes = open_wishes(work, day, shards)
        kept[shards] = previews(progress, routes, wishes, states, work.policy(day))
    return kept[shards]
