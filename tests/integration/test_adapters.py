"""The shipped adapters on the real public extracts beside the checkout: their known oddities and no others."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from warehouse.adapters.run import adapt_feeds
from warehouse.contract import contract_names, load_contract
from warehouse.line_rules import line_type_sql, load_line_rules
from warehouse.reference import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.adapters.run import AdaptSummary

DATA = Path(__file__).parents[2].parent / "shared" / "data"
ADAPTERS = ("berka", "olist", "uci_taiwan", "lpr")
SOURCES = {name: DATA / name for name in ADAPTERS}
#: What every lender delivers; the extracts hold nothing of the optional feeds.
FEEDS = [f for f in contract_names("feed") if load_contract(f).properties.get("delivery") != "optional"]
NIGHTS = (date(2026, 3, 30), date(2026, 3, 31), date(2026, 4, 1))
LATER = date(2030, 12, 31)  # after everything the extracts hold: all orders, all loans granted

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real public data (../shared/data) is not beside the checkout"),
]


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AdaptSummary]:
    out = tmp_path_factory.mktemp("adapted")
    return out, adapt_feeds(ADAPTERS, SOURCES, (*NIGHTS, LATER), out)


@pytest.fixture
def con(inbox: tuple[Path, AdaptSummary]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A view per feed over all deliveries, with `business_date` beside the feed's columns."""
    connection = duckdb.connect()
    for feed in FEEDS:
        files = f"{inbox[0]}/{feed.replace('.', '/')}/*/*.parquet"
        connection.execute(
            f"CREATE VIEW \"{feed}\" AS FROM read_parquet('{files}', hive_types = {{business_date: DATE}})"
        )
    yield connection
    connection.close()


def _one(con: duckdb.DuckDBPyConnection, query: str) -> tuple[object, ...]:
    row = con.execute(query).fetchone()
    assert row is not None
    return row


def test_three_consecutive_nights_have_fresh_rows_of_all_three_extracts(inbox: tuple[Path, AdaptSummary]) -> None:
    rows = inbox[1].rows
    assert inbox[1].not_delivered == ()
    for feed, expected in {
        "bank.customer": (30550, 0, 1),
        "bank.account": (1229, 0, 1),
        "bank.account_balance": (38821, 257, 882),
        "bank.bank_transaction": (46997, 1214, 891),
        "bank.consent": (40467, 1, 2),
        "commerce.commerce_order": (8123, 1, 1),
        "commerce.order_refund": (0, 0, 0),
        "credit.credit_account": (150113, 30038, 0),
        "credit.card_statement": (147838, 1067, 1095),
        "credit.customer_line": (30000, 30000, 0),
        "credit.credit_inquiry": (0, 0, 0),
        "credit.installment_plan": (37, 1, 0),
        "credit.repayment": (123, 0, 0),
        "market.market_indicator": (160, 0, 0),
    }.items():
        assert tuple(rows(feed, night) for night in NIGHTS) == expected, feed


@pytest.mark.parametrize("last", [NIGHTS[-1], LATER])
def test_only_the_known_oddities_break_a_rule(con: duckdb.DuckDBPyConnection, last: date) -> None:
    found: Counter[str] = Counter()
    for feed in FEEDS:
        contract = load_contract(feed)
        key = ", ".join(contract.key)
        for rule in contract.rules:
            bad = rule.bad_row_sql
            if rule.kind == "unique":
                query = f'SELECT count(*) - count(DISTINCT ({key}, business_date)) FROM "{feed}"'
            elif bad is not None:
                query = f"SELECT count(*) FROM \"{feed}\" WHERE ({bad}) AND business_date <= DATE '{last}'"
            else:
                continue
            found[f"{feed} {rule.code}"] += int(str(_one(con, query)[0]))
    assert {rule: n for rule, n in found.items() if n} == {
        "bank.bank_transaction direction_known": 651,
        "commerce.commerce_order payment_method_known": 3,
        "commerce.commerce_order paid_within_price": 23,
        "commerce.commerce_order amount_known_when_sold": 3,
    }


def test_no_delivery_has_more_bad_rows_than_its_contract_allows(con: duckdb.DuckDBPyConnection) -> None:
    for feed in FEEDS:
        for rule in load_contract(feed).rules:
            if rule.bad_row_sql is not None:
                worst = _one(
                    con,
                    f"SELECT max(share) FROM (SELECT count(*) FILTER (WHERE {rule.bad_row_sql}) / count(*) AS share "
                    f'FROM "{feed}" GROUP BY business_date)',
                )
                assert float(str(worst[0] or 0)) <= rule.max_bad_share, f"{feed} {rule.code}"


def test_charges_of_the_month_end_run_arrive_in_the_next_month(con: duckdb.DuckDBPyConnection) -> None:
    late = _one(
        con,
        """SELECT count(*), count(DISTINCT bank_code) FROM "bank.bank_transaction"
        WHERE business_date = DATE '2026-04-01' AND posted_on = DATE '2026-03-31'""",
    )
    assert late == (891, 2)


def test_an_events_key_is_delivered_once_and_no_row_before_it_happened(con: duckdb.DuckDBPyConnection) -> None:
    for feed in FEEDS:
        contract = load_contract(feed)
        if contract.properties["history"] == "events":
            key = ", ".join(contract.key)
            assert _one(con, f'SELECT count(*) - count(DISTINCT ({key})) FROM "{feed}"') == (0,), feed
        early = f'SELECT count(*) FROM "{feed}" WHERE {contract.event_date} > business_date'
        assert _one(con, early) == (0,), feed


def test_orders_without_items_have_no_amount(con: duckdb.DuckDBPyConnection) -> None:
    assert _one(con, 'SELECT count(*), count(*) - count(amount_cents) FROM "commerce.commerce_order"') == (8135, 775)


def test_an_order_arrives_when_its_last_state_could_be_known(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    night = date(2026, 3, 10)
    summary = adapt_feeds(("olist",), SOURCES, (night,), tmp_path)
    placed = _one(con, f"SELECT count(*) FROM \"commerce.commerce_order\" WHERE ordered_on <= DATE '{night}'")
    assert 0 < summary.rows("commerce.commerce_order", night) < int(str(placed[0]))


def test_every_loans_payment_is_its_amount_divided_by_its_duration(con: duckdb.DuckDBPyConnection) -> None:
    plans = _one(
        con,
        "SELECT count(DISTINCT plan_id), count(*) FILTER (WHERE installment_cents * term_m <> principal_cents) "
        'FROM "credit.installment_plan"',
    )
    assert plans == (682, 0)


def test_how_a_loan_ended_is_not_told_before_its_term_is_over(con: duckdb.DuckDBPyConnection) -> None:
    states = con.execute(
        'SELECT DISTINCT status FROM "credit.installment_plan" '
        "WHERE business_date <= DATE '2026-04-01' OR changed_on = started_on"
    ).fetchall()
    assert states == [("running",)]
    early = "changed_on < started_on + to_months(term_m)"
    assert _one(con, f"SELECT count(*) FROM \"credit.installment_plan\" WHERE status <> 'running' AND {early}") == (0,)


def test_balances_roll_forward_with_the_lines(con: duckdb.DuckDBPyConnection) -> None:
    """99.9 % within 0.50 of the source's currency (15 cents here); the type VYBER counts as money taken."""
    share = _one(
        con,
        """
        WITH day AS (
          SELECT account_id, posted_on AS balance_date,
                 sum(CASE direction WHEN 'credit' THEN amount_cents ELSE -amount_cents END) AS net_cents
          FROM "bank.bank_transaction" GROUP BY ALL),
        step AS (
          SELECT balance_cents - lag(balance_cents) OVER (PARTITION BY account_id ORDER BY balance_date)
                 - net_cents AS gap_cents
          FROM "bank.account_balance" JOIN day USING (account_id, balance_date))
        SELECT avg((abs(gap_cents) <= 15)::INTEGER) FROM step WHERE gap_cents IS NOT NULL
        """,
    )
    assert float(str(share[0])) > 0.9988


def test_every_bank_line_of_berka_but_unlabelled_ones_gets_its_type(con: duckdb.DuckDBPyConnection) -> None:
    types = line_type_sql(load_line_rules())
    got = con.execute(
        f'SELECT {types} AS line_type, count(*) FROM "bank.bank_transaction" '
        "WHERE direction IN ('credit', 'debit') GROUP BY ALL"
    ).fetchall()
    assert dict(got) == {
        "cash_withdrawal": 13489,
        "cash_deposit": 9759,
        "interest_in": 9463,
        "fee": 5509,
        "utilities": 3719,
        "transfer_in": 2002,
        "transfer_out": 1973,
        "pension": 1770,
        "insurance": 644,
        "debt_service": 123,
    }


def test_the_crosswalk_links_people_and_says_that_it_is_invented(
    con: duckdb.DuckDBPyConnection, inbox: tuple[Path, AdaptSummary]
) -> None:
    counts = _one(
        con,
        """
        SELECT (SELECT count(DISTINCT customer_id) FROM "credit.customer_line"),
               (SELECT count(DISTINCT customer_id) FROM "commerce.commerce_order"),
               (SELECT count(DISTINCT customer_id) FROM "bank.customer"),
               (SELECT count(*) FROM "bank.customer" WHERE NOT starts_with(customer_id, 'X'))
        """,
    )
    assert counts == (30000, 8016, 31869, 0)
    for feed in FEEDS:
        unknown = f'SELECT count(*) FROM "{feed}" ANTI JOIN "bank.customer" USING (customer_id)'
        if load_contract(feed).customer_level:
            assert _one(con, unknown) == (0,), feed
            manifest = inbox[0] / feed.replace(".", "/") / f"business_date={NIGHTS[0]}" / "_manifest.json"
            assert "invented crosswalk" in manifest.read_text(encoding="utf-8")
    assert any("invented crosswalk" in note for note in inbox[1].notes)


def test_undocumented_codes_are_unknown(con: duckdb.DuckDBPyConnection) -> None:
    got = _one(
        con,
        "SELECT count(*) FILTER (WHERE education_level = 'unknown'), "
        "count(*) FILTER (WHERE marital_status = 'unknown') "
        "FROM \"bank.customer\" WHERE business_date = DATE '2026-03-30' AND education_level IS NOT NULL",
    )
    assert got == (14 + 280 + 51, 54 + 323)


def test_the_purposes_of_requests_are_the_catalogues(con: duckdb.DuckDBPyConnection) -> None:
    catalogue = tomllib.loads((REFERENCE / "products.toml").read_text(encoding="utf-8"))
    purpose_of = {
        category: purpose
        for purpose, categories in catalogue["version"][0]["purposes"].items()
        for category in categories
    }
    rows = con.execute(
        'SELECT DISTINCT category_code, purpose_code FROM "commerce.installment_request" '
        'JOIN "commerce.commerce_order" USING (order_id)'
    ).fetchall()
    assert {(c, p) for c, p in rows if p != purpose_of.get(c, "general")} == set()


def test_the_same_extracts_give_the_same_bytes(tmp_path: Path) -> None:
    trees = []
    for out in (tmp_path / "one", tmp_path / "two"):
        adapt_feeds(("berka", "olist", "lpr"), SOURCES, NIGHTS[1:], out)
        trees.append({p.relative_to(out): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()})
    assert trees[0] == trees[1]
    assert len(trees[0]) > 2 * 13
