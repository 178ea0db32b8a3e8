"""What the risk assets read besides published tables: facts as of an earlier day, notes, co-obligors, the market."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from orchestration.inputs.own_plans import progress_of
from orchestration.inputs.profile_inputs import occupations_on
from transforms.dates.calendar import add_months
from transforms.profile.customer_profile import customer_profile
from transforms.profile.debt_ledger import debt_ledger
from transforms.profile.income_estimate import income_estimate
from transforms.profile.reductions import reductions
from transforms.risk.analyst_override import judged_notes
from transforms.risk.earlier_assessment import earlier_assessment, unneeded
from transforms.risk.over_indebtedness import last_borrowed_sql
from transforms.risk.risk_alert import alert_queries
from transforms.windows.features import EVENT_DATE
from warehouse.contract import contract_names, load_contract

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    import polars as pl

    from orchestration.inputs.checkpoints import Checkpoints
    from orchestration.run.context import RunContext
    from warehouse.night import Night
    from warehouse.registry import Relations


class Earlier(Mapping[str, "pl.DataFrame"]):
    """The frames a profile is made of as of an earlier day, of facts the night knows; consents are the night's own.

    A frame is queried when first asked for; one that the score has no use for comes empty.
    """

    def __init__(self, work: RunContext, day: date, earlier: date, shards: tuple[int, int]) -> None:
        queries = reductions(earlier, earlier_sources(work.night(day), work.checkpoints, earlier, shards))
        empty = unneeded(work.scorecard(day), queries)
        self._queries = {name: f"SELECT * FROM ({q}) LIMIT 0" if name in empty else q for name, q in queries.items()}
        self._frames = {"consent": work.reductions(day, shards)["consent"]}
        self._work = work

    def __getitem__(self, name: str) -> pl.DataFrame:
        """The frame of that name."""
        if name not in self._frames:
            self._frames[name] = self._work.lake.frame(self._queries[name])
        return self._frames[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._queries)

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self._queries)


def earlier_sources(
    night: Night, checkpoints: Checkpoints, earlier: date, shards: tuple[int, int]
) -> dict[str, Relations]:
    """Where the rows of each feed are that the night knows, as far as they had happened by an earlier day.

    Windows stand on that day's checkpoint; what has arrived since is read as rows, so late rows count too.
    """
    sources = {
        name: night.feed(name, shards).until(str(load_contract(name).event_date), earlier)
        for name in contract_names("feed")
    }
    return sources | {name: checkpoints.under(night, name, sources[name], earlier, shards) for name in EVENT_DATE}


def assessed_earlier(work: RunContext, day: date, shards: tuple[int, int]) -> pl.DataFrame:
    """`risk.earlier_assessment` of a group of shards: the profile a cooldown ago, scored."""
    then = add_months(day, -work.policy(day).hysteresis.cooldown_m)
    frames, parameters = Earlier(work, day, then, shards), work.profile_parameters(day)
    progress = progress_of(work, day, shards, then)
    ledger = debt_ledger(frames, progress, then, parameters)
    income = income_estimate(frames, then)
    profile = customer_profile(frames, income, ledger, progress, then, parameters, occupations_on(then))
    return earlier_assessment(profile, ledger, work.scorecard(day), day, then)


def last_borrowed(work: RunContext, day: date, shards: tuple[int, int]) -> pl.DataFrame:
    """(customer_token, last_borrowed_on) as the night knows it."""
    night = work.night(day)
    permitted = (
        f"(SELECT customer_token FROM {night.output('profile.customer_profile')} "
        f"WHERE consent_credit_bureau AND shard BETWEEN {shards[0]} AND {shards[1]})"
    )
    plans, accounts = (night.feed(f, shards).all for f in ("credit.installment_plan", "credit.credit_account"))
    return work.lake.frame(last_borrowed_sql(plans, accounts, permitted))


def newest_lines(work: RunContext, day: date, shards: tuple[int, int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the newest bank lines of these customers are, and what they used to pay; with consent only."""
    night = work.night(day)
    permitted = (
        f"(SELECT customer_token FROM {night.output('profile.customer_profile')} "
        f"WHERE consent_bank_statement AND shard BETWEEN {shards[0]} AND {shards[1]})"
    )
    rows = night.feed("bank.bank_transaction", shards).all
    queries = alert_queries(rows, permitted, day, work.policy(day).alerts)
    return work.lake.frame(queries["fresh"]), work.lake.frame(queries["habits"])


def notes_judged(work: RunContext, day: date, shards: tuple[int, int], profile: pl.DataFrame) -> pl.DataFrame:
    """Each analyst's note of these customers and what the policy makes of it."""
    notes = work.latest("bank.analyst_note", day, shards)
    bureau = profile.select("customer_token", "bureau_status")
    return judged_notes(notes, bureau, work.policy(day).analyst_notes, day)


def cutoff_shift(work: RunContext, day: date) -> int:
    """Points the night's market overlay raises the cut-offs by."""
    overlay = work.night(day).read("reference.market_overlay")
    return int(overlay.filter(overlay["reviewed_on"] == day)["shift_points"].item())
