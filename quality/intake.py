"""Intake: one delivery from the inbox to the facts, or to a refusal with its reasons.

verify the files → read → compare with the manifest → one quarantine pass → Great Expectations' verdict → land the
clean rows, or refuse the whole delivery. Whatever was kept out is listed and kept.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quality.gx_session import key_results
from quality.quarantine import quarantine
from quality.reconciliation import (
    COLUMNS_AS_DECLARED,
    column_names,
    file_unreadable,
    nothing_delivered,
    reconcile_files,
    reconcile_rows,
)
from warehouse.contract import load_contract
from warehouse.deliveries import discover, newest, verify_files
from warehouse.landing import LandingCounts, basis_digest, land, make_tokens, refuse
from warehouse.reading import STAGE, Reading, UnreadableFileError, drop_staging, read_delivery
from warehouse.registry import LandedDeliveries, current_deliveries
from warehouse.repeats import event_dates, rows_seen_before, window_days

if TYPE_CHECKING:
    from datetime import date

    from quality.gx_session import GxSession
    from quality.results import CheckResult
    from warehouse.contract import Contract
    from warehouse.deliveries import Delivery
    from warehouse.keys import Keys
    from warehouse.lake import Lake
    from warehouse.registry import DeliveryRecord

_QUARANTINED = f"{STAGE}.quarantined"
_NONE = LandingCounts(0, 0, 0)


@dataclass(frozen=True)
class Intake:
    """Result of one delivery: the verdicts on it, and the rows kept."""

    feed: str
    business_date: date
    delivery: Delivery | None
    results: tuple[CheckResult, ...]
    counts: LandingCounts
    accepted: bool
    absent_columns: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """One line for people."""
        name = self.delivery.label if self.delivery else f"{self.feed} {self.business_date}"
        if not self.accepted:
            return f"{name}: refused: " + "; ".join(r.summary_line() for r in self.results if r.blocks)
        kept = self.counts
        counted = f"{name}: {kept.accepted} rows landed, {kept.quarantined} quarantined, {kept.unreadable} unreadable"
        return "; ".join([counted, *([f"without {', '.join(self.absent_columns)}"] if self.absent_columns else [])])

    @property
    def metadata(self) -> dict[str, int | str]:
        """Counts for Dagster; never a value of a row."""
        return {
            "dagster/row_count": self.counts.accepted,
            "quarantined_rows": self.counts.quarantined,
            "unreadable_lines": self.counts.unreadable,
            "delivery_seq": self.delivery.sequence if self.delivery else 0,
            "quarantine_table": "lake.control.quarantine",
            **({"absent_columns": ", ".join(self.absent_columns)} if self.absent_columns else {}),
            **({"unknown_columns": column_names(self.unknown_columns)} if self.unknown_columns else {}),
        }


class DeliveryIntake:
    """Takes deliveries into the lake, for one run: with its keys and Great Expectations' session."""

    def __init__(self, lake: Lake, keys: Keys, gx: GxSession, run_id: str) -> None:
        self._lake, self._keys, self._gx, self._run_id = lake, keys, gx, run_id
        self._landed = LandedDeliveries(lake)

    def catch_up(self, feed: str, through: date) -> list[Intake]:
        """Take in every delivery of `feed` up to `through` that is not landed unchanged, oldest first.

        The newest sequence of each date counts. The delivery of `through` itself is always judged and comes last;
        it is landed again only when it, the rules or what it is compared with have changed.
        """
        contract = load_contract(feed)
        found = newest(discover(self._lake.settings.feeds_root, feed, through))
        entries = self._landed.of(feed, through)
        current = current_deliveries(entries.values())
        done = []
        for day, delivery in found.items():
            earlier = current[: bisect_left(current, day, key=lambda x: x.business_date)]
            known = entries.get((day, delivery.sequence))
            unchanged = known is not None and _unchanged(contract, delivery, known, earlier)
            if not unchanged or day == through:
                with self._landed.landing(feed):
                    done.append(self._take_in(contract, delivery, earlier, known if unchanged else None))
                if day != through:
                    entries = self._landed.of(feed, through)
                    current = current_deliveries(entries.values())
        if through not in found:
            results = nothing_delivered(contract, through, str(self._lake.settings.feeds_root))
            self._gx.record(feed, through, 0, results)
            accepted = not any(r.blocks for r in results)
            done.append(Intake(feed, through, None, tuple(results), _NONE, accepted))
        return done

    def _take_in(
        self, contract: Contract, delivery: Delivery, earlier: list[DeliveryRecord], known: DeliveryRecord | None
    ) -> Intake:
        """Judge one delivery and land or refuse it; `known` is its registry entry when that need not change."""
        con = self._lake.con
        results = reconcile_files(contract, delivery, verify_files(delivery))
        reading: Reading | None = None
        quarantined: str | None = None
        dates: tuple[date, ...] = ()
        if not any(r.blocks for r in results):
            try:
                reading = read_delivery(con, contract, delivery)
                results += reconcile_rows(contract, delivery, reading)
            except UnreadableFileError as error:
                results.append(file_unreadable(contract, delivery, str(error)))
        if reading is not None and not reading.missing_columns:
            make_tokens(self._lake, self._keys, contract, reading)
            dates = event_dates(con, contract, reading)
            seen = rows_seen_before(self._lake, contract, delivery, reading, earlier, dates)
            counts = quarantine(con, contract, reading.relation, _QUARANTINED, seen_rows=seen)
            quarantined = _QUARANTINED
            table = ("memory.stage", reading.relation.removeprefix(f"{STAGE}."))
            results += key_results(contract, counts)
            results += self._gx.validate(
                contract, table, counts, business_date=delivery.business_date, sequence=delivery.sequence
            )
        self._gx.record(contract.name, delivery.business_date, delivery.sequence, results)
        landed = _NONE
        accepted = not any(r.blocks for r in results)
        stands = known is not None and known.accepted == accepted
        basis = basis_digest(contract, delivery, earlier, dates)
        if accepted and reading is not None and quarantined is not None:
            landed = land(
                self._lake,
                self._keys,
                contract,
                delivery,
                reading,
                quarantined=quarantined,
                basis=basis,
                event_dates=dates,
                message=next((r.detail for r in results if r.rule == COLUMNS_AS_DECLARED and not r.passed), None),
                run_id=self._run_id,
                stands=stands,
            )
        elif not stands:
            refuse(
                self._lake,
                self._keys,
                contract,
                delivery,
                reading=reading,
                quarantined=quarantined,
                basis=basis,
                event_dates=dates,
                message="; ".join(r.summary_line() for r in results if r.blocks),
                run_id=self._run_id,
            )
        if reading is not None:
            drop_staging(con, reading)
        absent, unknown = (reading.absent_columns, reading.unknown_columns) if reading else ((), ())
        day = delivery.business_date
        return Intake(contract.name, day, delivery, tuple(results), landed, accepted, absent, unknown)


def _unchanged(contract: Contract, delivery: Delivery, known: DeliveryRecord, earlier: list[DeliveryRecord]) -> bool:
    """Whether the inputs of a delivery's verdict are unchanged; False where its event dates are not on record."""
    if known.delivery_digest != delivery.digest or (known.event_dates is None and window_days(contract)):
        return False
    return known.basis_digest == basis_digest(contract, delivery, earlier, known.event_dates or ())
