"""What Great Expectations lacks here: DuckDB's regular expressions, and an expectation that counts without fetching.

Importing this module imports Great Expectations (seconds of CPU): do it when a check is due, not before.
"""

from __future__ import annotations

import logging
import os
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its own imports warn of pandas and marshmallow; nothing of ours passes here
    import great_expectations as gx
    import great_expectations.expectations as gxe
    import sqlalchemy as sa
    from duckdb_sqlalchemy import ConnectionWrapper, Dialect
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.execution_engine import SqlAlchemyExecutionEngine
    from great_expectations.expectations.metrics.map_metric_provider import (
        ColumnMapMetricProvider,
        column_condition_partial,
    )
    from pydantic.v1 import PrivateAttr
    from sqlalchemy.dialects import registry as dialects

from quality.results import within

__all__ = ["ENGINE_OPTIONS", "ENGINE_URL", "EXPECTATIONS", "ConnectionWrapper", "ephemeral_context", "gx"]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: The registry logs a warning for each metric that is registered again; that is the point here.
_REGISTRY = logging.getLogger("great_expectations.expectations.registry")


@contextmanager
def _quiet_registry() -> Iterator[None]:
    level = _REGISTRY.level
    _REGISTRY.setLevel(logging.ERROR)
    try:
        yield
    finally:
        _REGISTRY.setLevel(level)


def _register(metric: str, keys: tuple[str, ...], condition: Callable[[Any, dict[str, Any]], Any]) -> type:
    def _sqlalchemy(cls: type, column: Any, **values: Any) -> Any:  # noqa: ARG001 - the signature GX calls
        return condition(column, values)

    _sqlalchemy.__qualname__ = f"DuckDB_{metric}._sqlalchemy"
    return type(
        f"DuckDB_{metric}",
        (ColumnMapMetricProvider,),
        {
            "condition_metric_name": f"column_values.{metric}",
            "condition_value_keys": keys,
            "_sqlalchemy": column_condition_partial(engine=SqlAlchemyExecutionEngine)(_sqlalchemy),
        },
    )


with _quiet_registry():
    _register("match_regex", ("regex",), lambda c, k: sa.func.regexp_matches(c, sa.literal(k["regex"])))
    _register("not_match_regex", ("regex",), lambda c, k: sa.not_(sa.func.regexp_matches(c, sa.literal(k["regex"]))))


class LakeDialect(Dialect):  # type: ignore[misc]  # not typed
    """DuckDB's dialect for tables that never have a primary key, as those of a lake.

    Great Expectations asks for the key of each table it judges, and DuckDB's catalogue functions look through every
    table of every attached database to answer: a fifth of the time of a suite.
    """

    supports_statement_cache = True

    def get_pk_constraint(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:  # noqa: ARG002 - the signature SQLAlchemy calls
        """Say that there is none."""
        return {"constrained_columns": [], "name": None}


dialects.register("duckdb.lake", __name__, LakeDialect.__name__)
ENGINE_URL = "duckdb+lake:///:memory:"


class _Remembering:
    """An expectation that puts its configuration together once: Great Expectations asks for it over a hundred times."""

    _remembered: Any

    @property
    def configuration(self) -> Any:
        if self._remembered is None:
            self._remembered = super().configuration  # type: ignore[misc]
        return self._remembered

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name != "_remembered":
            self._remembered = None


#: A private attribute has to be in the class itself, where pydantic looks for it.
_REMEMBERED = {"_remembered": PrivateAttr(None), "__module__": __name__}


class _ExpectBadRowsWithin(gxe.UnexpectedRowsExpectation):  # type: ignore[misc]  # GX is not typed for us
    """A rule written as SQL: the rows its query gives are counted, once and in the database, and never fetched.

    It holds when they are at most `max_bad_share` of the table's rows.
    """

    max_bad_share: float = 0.0

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count", "table.row_count")
    success_keys: ClassVar[tuple[str, ...]] = ("unexpected_rows_query", "max_bad_share")

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,  # noqa: ARG002 - the signature GX calls
        execution_engine: Any = None,  # noqa: ARG002 - as above
    ) -> dict[str, Any]:
        bad, rows = int(metrics["unexpected_rows_query.row_count"]), int(metrics["table.row_count"])
        # GX's pages cannot show a broken rule without the share.
        share = 100.0 * bad / rows if rows else 0.0
        counts = {"observed_value": bad, "unexpected_count": bad, "unexpected_percent": share, "element_count": rows}
        return {"success": within(bad, rows, self.max_bad_share), "result": counts}


with _quiet_registry():
    #: The expectations that rules become, by name: those of the library take their own place in its registry.
    EXPECTATIONS: dict[str, type] = {
        expectation.__name__.lstrip("_"): type(
            expectation.__name__.lstrip("_"),
            (_Remembering, expectation),
            {**_REMEMBERED, "__doc__": expectation.__doc__},
        )
        for expectation in (
            _ExpectBadRowsWithin,
            gxe.ExpectColumnValuesToNotBeNull,
            gxe.ExpectColumnValuesToBeInSet,
            gxe.ExpectColumnValuesToBeBetween,
            gxe.ExpectColumnValuesToMatchRegex,
            gxe.ExpectColumnValueLengthsToBeBetween,
        )
    }

#: How GX must open a connection it is handed: no transaction of its own over the night's.
ENGINE_OPTIONS = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}


def ephemeral_context() -> Any:
    """Make a context that keeps nothing on disk, shows no progress bars and sends nothing anywhere."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context
