"""What a transform reads and makes follows from its signature; a parameter that names nothing is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from orchestration.assets.tables import TABLES
from orchestration.inputs.derived import DERIVED, KEPT
from orchestration.inputs.facts import FACTS
from orchestration.inputs.signature import (
    SignatureError,
    is_output,
    parameters_of,
    reads_of,
    sees_whole,
    tables_of,
)
from warehouse.contract import contract_names, load_contract

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from typing import Any

    import polars as pl

    from transforms.reading import PerRange, Rows, Sql


class Pair(NamedTuple):
    installment_offer: pl.DataFrame
    compliance_check: pl.DataFrame


def rate_card(as_of: date) -> pl.DataFrame: ...
def both(customer_profile: pl.DataFrame) -> Pair: ...
def counted(repayment: Rows, customer_profile: Rows) -> Sql: ...
def portfolio(book_counts: PerRange, monitoring_policy: object) -> pl.DataFrame: ...
def ago(earlier_debt_ledger: pl.DataFrame) -> pl.DataFrame: ...
def mistyped(custmer_profile: pl.DataFrame) -> pl.DataFrame: ...
def of_a_range(repayment_known: pl.DataFrame) -> pl.DataFrame: ...


def named(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__name__}"


def test_every_output_has_one_transform_and_every_transform_can_be_read() -> None:
    made = [table for transform in TABLES for table in tables_of(transform)]
    assert sorted(made) == sorted(contract_names("output"))
    assert all(reads_of(transform) for transform in (*TABLES, *DERIVED.values()))


def test_a_table_comes_after_what_it_reads() -> None:
    """The lists of the night are in its order."""
    seen = set[str]()
    for transform in TABLES:
        made = set(tables_of(transform))
        assert reads_of(transform).tables - made <= seen, named(transform)
        seen |= made


def test_a_table_is_of_a_range_as_its_contract_has_customers() -> None:
    for transform in TABLES:
        for table in tables_of(transform):
            assert sees_whole(transform) != load_contract(table).customer_level, table


def test_what_is_listed_is_named_by_a_parameter() -> None:
    """No function is listed that nothing reads, and nothing is kept that is not listed."""
    names = {p.name.removeprefix("earlier_") for f in (*TABLES, *DERIVED.values()) for p in parameters_of(f)}
    assert set(DERIVED) <= names
    assert set(DERIVED) >= KEPT
    assert {fact for fact in FACTS if not fact.endswith("_policy")} <= {*names, "earlier_as_of"}


def test_one_name_means_one_thing() -> None:
    assert not set(DERIVED) & set(FACTS)
    assert not [name for name in DERIVED if is_output(name)]


def test_a_named_tuple_names_its_tables() -> None:
    assert tables_of(rate_card) == ("eligibility.rate_card",)
    assert tables_of(both) == ("eligibility.installment_offer", "eligibility.compliance_check")
    with pytest.raises(SignatureError, match="counted is no output table"):
        tables_of(counted)


def test_reads_go_through_what_is_named() -> None:
    assert reads_of(counted).feeds == {"credit.repayment"}
    assert reads_of(counted).tables == {"profile.customer_profile"}
    assert reads_of(portfolio).tables == {"reference.policy", "reference.product"}
    assert reads_of(portfolio).feeds == {"credit.installment_plan", "credit.repayment", "credit.service_case"}


def test_what_is_read_as_of_an_earlier_day_is_made_of_feeds() -> None:
    reads = reads_of(ago)
    assert {"credit.credit_account", "credit.installment_plan", "bank.consent"} <= reads.feeds
    assert not {t for t in reads.tables if not t.startswith("reference.")}


def test_what_sees_every_range_is_made_once() -> None:
    assert sees_whole(portfolio)
    assert not sees_whole(of_a_range)


def test_a_parameter_that_names_nothing_is_refused_with_what_comes_close() -> None:
    with pytest.raises(SignatureError, match=r"mistyped: nothing is named custmer_profile; did you mean customer_pro"):
        reads_of(mistyped)
