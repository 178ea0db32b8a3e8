"""What several steps of one night ask of the running plans, computed once per night and group of shards.

Only what is small is kept: the few plans that were changed and the few wishes that are open. Rows of feeds are read
anew, so memory stays bounded by a group of shards. What is kept goes with the night.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from transforms.loans.versions import Agreements, agreements
from transforms.servicing.cases import open_requests, permitted_cases
from transforms.servicing.previews import previews

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from orchestration.work import Work
    from warehouse.night import Night

Shards = tuple[int, int]


@dataclass
class _Kept:
    """Of one night, by group of shards."""

    agreed: dict[Shards, Agreements] = field(default_factory=dict)
    previewed: dict[Shards, tuple[pl.DataFrame, pl.DataFrame]] = field(default_factory=dict)


_NIGHTS: WeakKeyDictionary[Night, _Kept] = WeakKeyDictionary()


def _kept(work: Work, day: date) -> _Kept:
    return _NIGHTS.setdefault(work.night(day), _Kept())


def kinds_of(work: Work, day: date) -> dict[str, str]:
    """The kind of every product in the catalogue, sold under the policy or not."""
    return {product.product_code: product.kind for product in work.catalogue(day).products}


def agreed_changes(work: Work, day: date, shards: Shards) -> Agreements:
    """What was agreed about own plans since they were booked."""
    kept = _kept(work, day).agreed
    if shards not in kept:
        kept[shards] = agreements(
            work.rows("credit.installment_plan", day, shards),
            work.rows("credit.repayment", day, shards),
            work.latest("credit.service_case", day, shards),
            work.policy_book,
            kinds_of(work, day),
            day,
        )
    return kept[shards]


def books(work: Work, day: date, shards: Shards) -> tuple[pl.DataFrame, pl.DataFrame, Agreements]:
    """Own plans, what was paid on them, and what was agreed since they were booked."""
    plans, repayments = (work.rows(f"credit.{feed}", day, shards) for feed in ("installment_plan", "repayment"))
    return plans, repayments, agreed_changes(work, day, shards)


def open_wishes(work: Work, day: date, shards: Shards) -> pl.DataFrame:
    """Changes of plans that customers have asked for and that are not yet answered."""
    return open_requests(work.latest("credit.service_case", day, shards), day, work.policy(day))


def known_hardship(work: Work, day: date, shards: Shards) -> pl.DataFrame:
    """Cases of hardship as far as they may be known."""
    cases = work.latest("credit.hardship_case", day, shards)
    return permitted_cases(cases, work.latest("bank.consent", day, shards), day)


def previewed_wishes(work: Work, day: date, shards: Shards) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the open wishes would make of their plans; progress and routes of the night are there by then."""
    kept, night = _kept(work, day).previewed, work.night(day)
    if shards not in kept:
        progress, routes = (
            night.read(t, shards) for t in ("servicing.plan_progress", "eligibility.second_installment")
        )
        kept[shards] = previews(progress, routes, open_wishes(work, day, shards), day, work.policy(day))
    return kept[shards]
