"""A rule depends on the row it judges and on nothing else: not on other rows, the clock or chance."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from transforms.policy.mistakes import PolicyError
from transforms.policy.rules import Compiler
from transforms.policy.sql import refuse_impure

COLUMNS = {"n": pl.Int64, "day": pl.Date, "word": pl.String, "now": pl.Int64, "current_date": pl.Date, "sex": pl.String}
CLOCK = (
    "day < CURRENT_DATE",
    "day < current_date()",
    'day < "current_date"()',
    "day < NOW()",
    "day < now  ( )",
    'day < "now"()',
    "day < `now`()",
    "day < /* a moment */ now/**/()",
    "day < CURRENT_TIMESTAMP",
    "day < CURRENT_TIMESTAMP(3)",
    "day < LOCALTIMESTAMP",
    "n > EXTRACT(HOUR FROM CURRENT_TIME)",
    "n > EXTRACT(HOUR FROM LOCALTIME)",
    "day < TODAY()",
    "day < GETDATE()",
    "day < SYSDATE",
    "day < UTC_TIMESTAMP",
    "day < clock_timestamp()",
    "n > unix_timestamp()",
    "word = strftime('now', '%Y')",
    "day < DATE('now')",
    "day < DATE 'today'",
    "day < CAST('now' AS DATE)",
    "day < 'yesterday'::date",
    "word = 'x' -- '\n AND day < CURRENT_DATE",
    "word = $$'$$ AND day < CURRENT_DATE AND word = $$'$$",
    "\"a'b\" = 1 AND day < CURRENT_DATE AND word = 'x'",
    "n > 3 /* /* ' */ ' */ AND day < CURRENT_DATE AND word = 'x'",
)
CHANCE = ("n > random()", "n > RAND()", "word = uuid()", "word = gen_random_uuid()", 'n > "random"()')
OTHER_ROWS = (
    "n > avg(n)",
    'n > "sum"(n)',
    "n > first_value(n)",
    "n > approx_quantile(n, 0.5)",
    "unnest(n) > 3",
    "n IN (SELECT 1)",
    "n > sum(n) OVER ()",
    "n > var_samp(n)",
    "n > string_agg(n)",
    "generate_series(1, 3) = n",
)
ONE_ROW = (
    "day < DATE '2026-01-01'",
    "day + INTERVAL '1 day' < DATE '2026-01-01'",
    "EXTRACT(YEAR FROM day) > 2020",
    "word = 'CURRENT_DATE' OR word = 'it is now() or random()' OR word = 'avg(n)'",
    "word LIKE 'today%'",
    "word = 'now'",
    "now > 3",
    '"now" > 3',
    "\"current_date\" < DATE '2026-01-01'",
    "n > 3 -- not now()",
    "CAST(n AS VARCHAR(3)) = '3'",
    "COALESCE(n, 0) > 3 AND GREATEST(n, 3) < ABS(n)",
    "word IN ('now()', 'then')",
)


@pytest.mark.parametrize("sql", CLOCK)
def test_a_rule_that_sees_the_clock_is_refused(sql: str) -> None:
    with pytest.raises(PolicyError, match=r"does not see the clock|a comment within a comment"):
        refuse_impure(sql)


@pytest.mark.parametrize("sql", CHANCE)
def test_a_rule_that_draws_by_chance_is_refused(sql: str) -> None:
    with pytest.raises(PolicyError, match="a rule decides nothing by chance"):
        refuse_impure(sql)


@pytest.mark.parametrize("sql", OTHER_ROWS)
def test_a_rule_that_looks_at_other_rows_is_refused(sql: str) -> None:
    with pytest.raises(PolicyError, match="a rule judges one row and sees no other"):
        refuse_impure(sql)


def test_a_rule_names_its_columns_so_that_no_prohibited_one_is_read_by_a_pattern() -> None:
    sql = "COLUMNS('^s.x$') = 'f' AND n > 3"
    assert pl.DataFrame({"sex": ["f"], "n": [4]}).select(pl.sql_expr(sql)).to_series().to_list() == [True]
    with pytest.raises(PolicyError, match=r"'COLUMNS' in .*: a rule names each column"):
        refuse_impure(sql)


@pytest.mark.parametrize("sql", ONE_ROW)
def test_a_rule_on_its_own_row_compiles_and_answers(sql: str) -> None:
    condition, names = Compiler(COLUMNS).condition(sql, {}, frozenset())
    row = {"n": [4], "day": [date(2025, 5, 5)], "word": ["now"], "now": [4], "current_date": [date(2025, 5, 5)]}
    assert pl.DataFrame(row | {"sex": ["f"]}, schema=COLUMNS).select(condition).to_series().dtype == pl.Boolean
    assert names <= set(COLUMNS)


#: Names under which some dialect of SQL gives a moment or a random value.
IMPURE = (
    *("now", "today", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "sysdate"),
    *("getdate", "curdate", "curtime", "utc_timestamp", "clock_timestamp", "statement_timestamp", "unix_timestamp"),
    *("transaction_timestamp", "timeofday", "random", "rand", "uuid", "gen_random_uuid", "newid", "randint", "shuffle"),
)


@pytest.mark.parametrize("name", IMPURE)
def test_whatever_polars_answers_without_reading_a_column_is_refused(name: str) -> None:
    """Also what this Polars does not know: a later one may."""
    for sql in (f"{name}()", f'"{name}"()'):
        with pytest.raises(PolicyError):
            refuse_impure(sql)
    try:
        known = not pl.sql_expr(name).meta.root_names()
    except pl.exceptions.SQLInterfaceError:
        known = False
    if known:
        with pytest.raises(PolicyError):
            refuse_impure(name)
