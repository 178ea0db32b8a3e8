"""Which feed is simulated by which function: said where its rows are made, found by looking, listed nowhere.

A feed is simulated by any function of this package that is marked with :func:`simulates`. Its parameters name what it
reads of the lender played (:class:`~warehouse.simulator.lender.Played`), or, with `once`, of what there is once for
all customers (:class:`~warehouse.simulator.lender.Everyone`); it gives the contract's delivered columns and
`_arrival`, the day (since 1970) on which a row reached the lender.
"""

from __future__ import annotations

import inspect
import pkgutil
from dataclasses import dataclass, fields
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, ParamSpec

from warehouse.contract import ContractError, contract_names, contract_path, load_contract, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from warehouse.delivery_writer import FileFormat
    from warehouse.simulator.lender import Everyone, Played
    from warehouse.simulator.planting import BadRows, Twice

P = ParamSpec("P")


@dataclass(frozen=True)
class SimulatedFeed(Generic[P]):
    """A function that makes a feed's rows, how they are delivered, and what is planted among them."""

    feed: str
    rows: Callable[P, pl.DataFrame]
    once: bool = False
    file_format: FileFormat = "parquet"
    bad_rows: tuple[BadRows, ...] = ()
    twice: Twice | None = None
    sent_again: bool = False

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> pl.DataFrame:
        """The rows, with what they are made of given."""
        return self.rows(*args, **kwargs)

    def rows_of(self, played: Played | Everyone) -> pl.DataFrame:
        """The rows, with what they are made of taken from what was played.

        Raises ContractError where the function names what is not there, or leaves out a required column.
        """
        known = {f.name for f in fields(played)}
        given: dict[str, Any] = {}
        for name in inspect.signature(self.rows).parameters:
            if name not in known:
                words = (
                    f"{self.where} asks for {name!r}; what there is of a simulated lender: {', '.join(sorted(known))}"
                )
                raise ContractError(words)
            given[name] = getattr(played, name)
        frame = self.rows(**given)  # type: ignore[call-arg]
        required = [c.name for c in load_contract(self.feed).delivered if c.required]
        if missing := [name for name in (*required, "_arrival") if name not in frame.columns]:
            raise ContractError(f"{self.where} gives no {', '.join(missing)}, which {self.feed} must have")
        return frame

    @property
    def where(self) -> str:
        """The function's name with its module's."""
        return f"{self.rows.__module__}.{self.rows.__qualname__}"


def simulates(
    feed: str,
    *,
    once: bool = False,
    file_format: FileFormat = "parquet",
    bad_rows: tuple[BadRows, ...] = (),
    twice: Twice | None = None,
    sent_again: bool = False,
) -> Callable[[Callable[P, pl.DataFrame]], SimulatedFeed[P]]:
    """Mark the function that makes a feed's rows.

    `once`: for all customers together instead of block by block. Small feeds are text, as core systems write them, the
    long ones Parquet. `bad_rows` are planted in each delivery, `twice` says that rows come twice and in what two rows
    of one key differ, `sent_again` that rows of the delivery before come with it.
    """

    def marked(rows: Callable[P, pl.DataFrame]) -> SimulatedFeed[P]:
        return SimulatedFeed(feed, rows, once, file_format, bad_rows, twice, sent_again)

    return marked


def simulated_feeds() -> dict[str, SimulatedFeed[...]]:
    """The functions of this package that are marked, by feed; looked for anew each time.

    Raises ContractError for a feed that has no contract or two functions, or that every night needs and nothing makes.
    An optional feed that nothing makes is not delivered.
    """
    package = import_module("warehouse.simulator")
    modules = [import_module(f"{package.__name__}.{m.name}") for m in pkgutil.iter_modules(package.__path__)]
    found: dict[str, SimulatedFeed[...]] = {}
    for one in (v for module in modules for v in vars(module).values() if isinstance(v, SimulatedFeed)):
        if found.setdefault(one.feed, one) is not one:
            raise ContractError(f"{one.feed} is simulated by {found[one.feed].where} and by {one.where}: one is enough")
    known = contract_names("feed")
    for name in found.keys() - known:
        raise ContractError(f"{found[name].where} simulates {name}, which no contract of a feed declares")
    for name in known:
        if name not in found and load_contract(name).properties["delivery"] == "required":
            raise ContractError(
                f"{shown(contract_path(name))} says that every night needs {name}, and nothing simulates it: write a "
                f'function marked @simulates("{name}") in a module of warehouse/simulator that gives its delivered '
                "columns and _arrival, or set delivery to optional"
            )
    return {name: found[name] for name in known if name in found}
