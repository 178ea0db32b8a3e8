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
    from duckdb_sqlalchemy import ConnectionWrapper
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.execution_engine import SqlAlchemyExecutionEngine
    from great_expectations.expectations.metrics.map_metric_provider import (
        ColumnMapMetricProvider,
        column_condition_partial,
    )

from quality.results import within

__all__ = ["ENGINE_OPTIONS", "ConnectionWrapper", "ExpectBadRowsWithin", "ephemeral_context", "gx", "gxe"]

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


class ExpectBadRowsWithin(gxe.UnexpectedRowsExpectation):  # type: ignore[misc]  # GX is not typed for us
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


#: How GX must open a connection it is handed: no transaction of its own over the night's.
ENGINE_OPTIONS = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}


def ephemeral_context() -> Any:
    """Make a context that keeps nothing on disk, shows no progress bars and sends nothing anywhere."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context
