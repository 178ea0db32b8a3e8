"""What Great Expectations lacks here: one statement that counts for all rules, and expectations that judge by it.

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
    from duckdb_sqlalchemy import ConnectionWrapper
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.execution_engine import SqlAlchemyExecutionEngine
    from great_expectations.expectations.metrics.metric_provider import metric_value
    from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
    from great_expectations.validator.metric_configuration import MetricConfiguration
    from great_expectations.validator.validator import ValidationDependencies

from quality.results import within

__all__ = ["ENGINE_OPTIONS", "ENGINE_URL", "EXPECTATIONS", "ConnectionWrapper", "ephemeral_context", "gx"]

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from quality.rule_counts import RuleCount

#: The registry logs a warning for each expectation that is registered again; that is the point here.
_REGISTRY = logging.getLogger("great_expectations.expectations.registry")


@contextmanager
def _quiet_registry() -> Iterator[None]:
    level = _REGISTRY.level
    _REGISTRY.setLevel(logging.ERROR)
    try:
        yield
    finally:
        _REGISTRY.setLevel(level)


ENGINE_URL = "duckdb:///:memory:"


class _RuleCounts(TableMetricProvider):  # type: ignore[misc]  # GX is not typed for us
    """The counts of all rules of the table in hand: one metric, and so one statement, for a whole suite.

    Great Expectations' own metrics are four to ten per rule, and putting their graph together costs forty times what
    counting does.
    """

    metric_name = "table.rule_counts"
    domain_keys = ("batch_id",)
    value_keys = ()

    @metric_value(engine=SqlAlchemyExecutionEngine)  # type: ignore[untyped-decorator]
    def _sqlalchemy(cls, execution_engine: Any, **_: Any) -> Mapping[str, RuleCount]:  # noqa: N805 - GX makes it a class method
        return execution_engine.count_rules()  # type: ignore[no-any-return]


def _counted(expectation: Any, metrics: dict[str, Any]) -> RuleCount:
    return metrics[_RuleCounts.metric_name][expectation.meta["rule"]]  # type: ignore[no-any-return]


class _OfRuleCounts:
    """An expectation that judges what the statement over the whole table has counted for its rule."""

    def get_validation_dependencies(self, execution_engine: Any = None, runtime_configuration: Any = None) -> Any:  # noqa: ARG002 - the signature GX calls
        metric = MetricConfiguration(_RuleCounts.metric_name, {"batch_id": self.batch_id}, {})  # type: ignore[attr-defined]
        return ValidationDependencies({_RuleCounts.metric_name: metric}, (runtime_configuration or {})["result_format"])


class _OfColumn(_OfRuleCounts):
    """One of the library's own expectations of a column: it judges as ever, by the counts it is given."""

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: dict[str, Any] | None = None, execution_engine: Any = None
    ) -> Any:
        count = _counted(self, metrics)
        given = {
            "table.row_count": count.rows,
            "column_values.nonnull.unexpected_count": count.missing,
            f"{self.map_metric}.unexpected_count": count.bad,  # type: ignore[attr-defined]
            f"{self.map_metric}.unexpected_values": [],  # type: ignore[attr-defined]
        }
        return super()._validate(given, runtime_configuration, execution_engine)  # type: ignore[misc]


class _ExpectBadRowsWithin(_OfRuleCounts, gxe.UnexpectedRowsExpectation):  # type: ignore[misc]  # GX is not typed for us
    """A rule written as SQL: the rows it finds are counted in the database, and never fetched.

    It holds when they are at most `max_bad_share` of the table's rows.
    """

    max_bad_share: float = 0.0

    success_keys: ClassVar[tuple[str, ...]] = ("unexpected_rows_query", "max_bad_share")

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,  # noqa: ARG002 - the signature GX calls
        execution_engine: Any = None,  # noqa: ARG002 - as above
    ) -> dict[str, Any]:
        count = _counted(self, metrics)
        # GX's pages cannot show a broken rule without the share.
        share = 100.0 * count.bad / count.rows if count.rows else 0.0
        counts = {"unexpected_count": count.bad, "unexpected_percent": share, "element_count": count.rows}
        return {
            "success": within(count.bad, count.rows, self.max_bad_share),
            "result": {"observed_value": count.bad, **counts},
        }


with _quiet_registry():
    #: The expectations that rules become, by name: those of the library take their own place in its registry.
    EXPECTATIONS: dict[str, type] = {
        "ExpectBadRowsWithin": type("ExpectBadRowsWithin", (_ExpectBadRowsWithin,), {"__module__": __name__}),
        **{
            of_column.__name__: type(
                of_column.__name__, (_OfColumn, of_column), {"__module__": __name__, "__doc__": of_column.__doc__}
            )
            for of_column in (
                gxe.ExpectColumnValuesToNotBeNull,
                gxe.ExpectColumnValuesToBeInSet,
                gxe.ExpectColumnValuesToBeBetween,
                gxe.ExpectColumnValuesToMatchRegex,
                gxe.ExpectColumnValueLengthsToBeBetween,
            )
        },
    }

#: How GX must open a connection it is handed: no transaction of its own over the night's.
ENGINE_OPTIONS = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}


def ephemeral_context() -> Any:
    """Make a context that keeps nothing on disk, shows no progress bars and sends nothing anywhere."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    # It would write its configuration out as YAML, in memory, after every table: half the cost of a night's suites.
    context._save_project_config = lambda *_: None  # noqa: SLF001 - no option says so
    return context
