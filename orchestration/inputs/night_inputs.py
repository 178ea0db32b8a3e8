"""What the parameters of a night's transforms resolve to: the one place where transforms get their frames from.

A table is made range by range of the customers' shards. Frames live as long as a range's table is made; only what is
small and dear is kept while the night runs, so memory stays bounded by a range.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orchestration.inputs.derived import DERIVED, KEPT
from orchestration.inputs.facts import FACTS, NightFacts
from orchestration.inputs.signature import (
    EARLIER,
    Parameter,
    feed_and_way,
    feed_named,
    is_output,
    is_reduction,
    makers,
    output_named,
    parameters_of,
    reads_of,
    sees_whole,
    tables_of,
    whole,
)
from transforms.profile.states import latest_sql
from transforms.risk.earlier_assessment import reads_shopping
from transforms.windows.features import EVENT_DATE
from warehouse.contract import load_contract
from warehouse.registry import Relations
from warehouse.shapes import shaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    import polars as pl

    from orchestration.inputs.checkpoints import Checkpoints
    from orchestration.inputs.rulebooks import Rulebooks
    from orchestration.inputs.signature import Way
    from warehouse.night import Night

Shards = tuple[int, int]


class NightInputs:
    """The inputs of one night, and the tables that transforms make of them."""

    def __init__(self, night: Night, checkpoints: Checkpoints, rulebooks: Rulebooks) -> None:
        self.night = night
        self.checkpoints = checkpoints
        self.facts = NightFacts(rulebooks, night.as_of)
        self.kept: dict[tuple[str, Shards | None], Any] = {}

    def tables(self, transform: Callable[..., Any]) -> Iterator[dict[str, pl.DataFrame]]:
        """The output tables a transform makes, by name, in the shape of their contracts: a part per range of shards."""
        groups = [None] if sees_whole(transform) else list(self.night.shard_groups())
        for shards in groups:
            yield Scope(self, shards).tables(transform)

    def computed(self, shards: Shards) -> Scope:
        """The inputs of a range with every table made anew and none read."""
        return Scope(self, shards, computed=True)

    def whole(self) -> Scope:
        """The inputs that are of the whole night."""
        return Scope(self, None)


@dataclass(frozen=True)
class Scope:
    """What can be read for a range of shards, or for the whole night where `shards` is None.

    With `computed`, tables are made and not read; with an `earlier` day, as of it, of what the night knows.
    """

    inputs: NightInputs
    shards: Shards | None
    computed: bool = False
    earlier: date | None = None
    found: dict[str, Any] = field(default_factory=dict)

    @property
    def as_of(self) -> date:
        """The day the frames are of."""
        return self.earlier or self.inputs.night.as_of

    def call(self, function: Callable[..., Any]) -> Any:
        """What a function of the transforms returns on its inputs."""
        return function(**{p.name: self.argument(p) for p in parameters_of(function)})

    def tables(self, transform: Callable[..., Any]) -> dict[str, pl.DataFrame]:
        """The tables a transform makes, in the shape of their contracts."""
        made, names = self.call(transform), tables_of(transform)
        parts = made if isinstance(made, tuple) else (made,)
        return {name: shaped(part, load_contract(name)) for name, part in zip(names, parts, strict=True)}

    def argument(self, parameter: Parameter) -> Any:
        """What one parameter resolves to."""
        if parameter.rows:
            return self._rows(parameter.name)
        if parameter.per_range:
            groups = self.inputs.night.shard_groups()
            return [Scope(self.inputs, shards, self.computed, self.earlier).value(parameter.name) for shards in groups]
        return self.value(parameter.name)

    def value(self, name: str) -> Any:
        """What a name resolves to, made once in this scope."""
        if name in FACTS:
            return FACTS[name][0](self.inputs.facts, self.as_of)
        if self.shards is not None and whole(name):
            return Scope(self.inputs, None, self.computed, self.earlier).value(name)
        if name not in self.found:
            self.found[name] = self._made(name)
        return self.found[name]

    def _made(self, name: str) -> Any:
        if name in DERIVED:
            return self._derived(name)
        if is_output(name):
            return self._output(name)
        if found := feed_and_way(name):
            return self._feed(*found)
        return self._earlier_scope().value(name.removeprefix(EARLIER))

    def _derived(self, name: str) -> Any:
        function, kept, key = DERIVED[name], self.inputs.kept, (name, self.shards)
        if self.earlier is not None and name in _TONIGHT:
            return _TONIGHT[name](self)
        if is_reduction(function):
            return self._queried(self.call(function), function)
        if name not in KEPT or self.earlier is not None:
            return self.call(function)
        if key not in kept:
            kept[key] = self.call(function)
        return kept[key]

    def _queried(self, query: str, function: Callable[..., Any]) -> pl.DataFrame:
        unneeded = self.earlier is not None and _only_shopping(function) and not reads_shopping(self.value("scorecard"))
        return self.inputs.night.lake.frame(f"SELECT * FROM ({query}) LIMIT 0" if unneeded else query)

    def _output(self, short: str) -> pl.DataFrame:
        name = output_named(short)
        if self.computed:
            return self.tables(makers()[short])[name]
        return self.inputs.night.read(name, self.shards)

    def _feed(self, feed: str, way: Way) -> pl.DataFrame:
        """A feed's rows as the night knows them; the transforms pick out those of an earlier day."""
        night, contract = self.inputs.night, load_contract(feed)
        rows = night.feed(feed, self.shards, known_on=way == "known").all
        if way == "latest":
            return night.lake.frame(latest_sql(rows, contract.lake_key, str(contract.event_date)))
        return night.lake.frame(f"SELECT * FROM {rows}")

    def _rows(self, short: str) -> Relations:
        night, feed = self.inputs.night, feed_named(short)
        if feed is None:
            within = f"WHERE shard BETWEEN {self.shards[0]} AND {self.shards[1]}" if self.shards else ""
            return Relations(f"(SELECT * FROM {night.output(output_named(short))} {within})", None)
        rows = night.feed(feed, self.shards)
        if self.earlier is not None:
            # Late arrivals of events by then count, for the night knows them.
            rows = rows.until(str(load_contract(feed).event_date), self.earlier)
        if feed in EVENT_DATE and self.shards is not None:
            return self.inputs.checkpoints.under(night, feed, rows, self.as_of, self.shards)
        return rows

    def _earlier_scope(self) -> Scope:
        if EARLIER not in self.found:
            then = self.inputs.facts.earlier_as_of
            self.found[EARLIER] = Scope(self.inputs, self.shards, computed=True, earlier=then)
        scope: Scope = self.found[EARLIER]
        return scope


def _only_shopping(function: Callable[..., Any]) -> bool:
    feeds = reads_of(function).feeds
    return bool(feeds) and all(feed.startswith("commerce.") for feed in feeds)


#: What is of the night itself as of an earlier day too: consents, and no comparison with the books.
_TONIGHT: dict[str, Callable[[Scope], Any]] = {
    "consent": lambda scope: Scope(scope.inputs, scope.shards).value("consent"),
    "books_agreement": lambda _: None,
}
