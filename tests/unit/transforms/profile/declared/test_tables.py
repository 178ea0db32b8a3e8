"""What is declared of the profile's columns is complete, and formulas read what is there and may be read."""

from __future__ import annotations

import polars as pl
import pytest

from transforms.profile.declared.tables import CUSTOMER_PROFILE, TABLES, formulas, nil_by_default, under_consent
from transforms.windows.features import FEATURES


@pytest.mark.parametrize("table", TABLES)
def test_every_column_says_where_it_comes_from_and_as_of_when(table: str) -> None:
    for d in TABLES[table]:
        assert d.en.endswith("."), d.name
        assert d.zh, d.name
        assert d.formula or d.source or d.how or d.as_of == "night", d.name
        if d.as_of == "events":
            assert d.window, d.name
            assert d.how or d.source, d.name
        if d.name.endswith("_cents"):
            assert d.unit == "cents", d.name


def test_every_windowed_feature_is_a_column_or_feeds_one() -> None:
    declared = {d.name: d for d in CUSTOMER_PROFILE}
    read = {name for formula in formulas().values() for name in pl.sql_expr(formula).meta.root_names()}
    for feature in FEATURES:
        for column in feature.columns():
            assert declared[column].published == feature.published
            assert feature.published or column in read, f"{column} is computed for nothing"


def test_formulas_read_columns_that_are_there_before_them() -> None:
    known = {d.name for d in CUSTOMER_PROFILE if not d.formula}
    for name, formula in formulas().items():
        assert set(pl.sql_expr(formula).meta.root_names()) <= known, name


def test_a_formula_reads_no_source_whose_consent_it_does_not_need() -> None:
    """Without the consent a derived column is empty, because what it is derived from is."""
    consent = {d.name: d.consent for d in CUSTOMER_PROFILE}
    for name, formula in formulas().items():
        needed = {consent[c] for c in pl.sql_expr(formula).meta.root_names()} - {""}
        assert needed <= {consent[name]}, name
    assert under_consent("bank_statement")


#: Debts, lines of credit, orders and plans of a customer of whom a source may be read and says nothing.
NOTHING_KNOWN_IS_NONE = {
    *("debt_service_cents", "debt_balance_cents", "lender_cnt", "open_account_cnt", "new_lender_cnt_3m"),
    *("revolving_limit_cents", "revolving_balance_cents", "current_dpd", "overdue_cents", "late_report_cnt_12m"),
    *("cycle_cnt_12m", "active_cycle_cnt_12m", "late_cycle_cnt_12m"),
    *("order_active_months_12m", "merchant_cnt_12m", "category_cnt_12m"),
    *("plan_cnt", "running_plan_cnt", "broken_plan_cnt", "plan_outstanding_cents", "plan_installment_cents"),
    *("plan_arrears_cents", "on_time_payment_cnt", "own_dpd", "own_max_dpd_12m"),
}


def test_nothing_known_counts_as_nil_where_events_are_counted_and_nowhere_else() -> None:
    """Income, balances and shares of nothing are not known: nil would be a figure."""
    windowed = {column for feature in FEATURES for column in feature.columns()}
    assert set(nil_by_default()) == windowed | NOTHING_KNOWN_IS_NONE
