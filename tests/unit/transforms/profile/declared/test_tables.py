"""What is declared of the profile's columns is complete, and formulas read what is there and may be read."""

from __future__ import annotations

import polars as pl
import pytest

from transforms.profile.declared.tables import CUSTOMER_PROFILE, TABLES, formulas, under_consent
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
