"""Random deliveries of every feed the profile reads, known as a night knows them, and the profile's tables of them.

Rows are drawn from the contracts: keys, enumerations, types. What a night knows is said by the warehouse's own
`FeedSnapshot.relations`; nothing of its text is repeated here.
"""

from __future__ import annotations

import random
import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from tests.unit.transforms.loans.books import no_versions
from tests.unit.transforms.loans.cases import hardship
from tests.unit.transforms.outputs import customer_profile, debt_ledger, income_estimate, plan_progress, risk_point
from tests.unit.transforms.profile.queries import reductions
from tests.unit.transforms.support import policy, reasons
from transforms.profile.occupation import parse_occupations
from transforms.profile.parameters import ProfileParameters
from transforms.profile.risk_point import parse_risk_points
from warehouse.contract import Contract, contract_names, load_contract
from warehouse.frames import fetch, register
from warehouse.lake import lake_tables
from warehouse.reference import occupations, risk_points
from warehouse.registry import FeedSnapshot

NIGHT = date(2026, 3, 31)
PARAMETERS = ProfileParameters(spouse_counts=True, social_alerts=True)
FEEDS = [load_contract(n) for n in contract_names("feed") if load_contract(n).customer_level]
CUSTOMERS = 3
_NOW = " AT (VERSION => 0)"
#: Feeds of which several rows a customer are wanted.
_MANY = {"bank.bank_transaction": 60, "commerce.commerce_order": 20, "credit.credit_account": 8, "bank.consent": 8}
_LINES = {
    "credit": ("salary", "transfer_in", "company_in", "loan_in", "saving", "refund_in"),
    "debit": (
        *("rent", "groceries", "gambling", "cash_withdrawal", "debt_service", "failed_debit_fee", "medical", "tax"),
        *("utilities", "insurance", "education", "travel", "card_payment", "transfer_out", "saving", "other_debit"),
    ),
}

Row = dict[str, Any]


def token(kind: str, number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind} {number}"))


def drawn(contract: Contract, dice: random.Random, count: int, *, later: bool = False) -> list[Row]:
    """Rows of a feed; `later`: of events after the night, or arriving after it."""
    return [_row(contract, dice, later=later) for _ in range(count)]


def _row(contract: Contract, dice: random.Random, *, later: bool) -> Row:
    event = NIGHT - timedelta(days=dice.choice((dice.randint(0, 60), dice.randint(0, 200), dice.randint(0, 400))))
    feed = event + timedelta(days=dice.choice((0, 0, 0, dice.randint(0, 40))))
    if later and dice.random() < 0.5:
        event = NIGHT + timedelta(days=dice.randint(1, 40))
        feed = event - timedelta(days=dice.randint(0, 60))
    elif later:
        feed = NIGHT + timedelta(days=dice.randint(1, 40))
    elif feed > NIGHT:
        feed = NIGHT
    known = {r.column: r.arguments["value_set"] for r in contract.rules if r.kind == "in_set"}
    row: Row = {}
    for column in contract.columns:
        if column.lake_name is not None:
            row[column.lake_name] = _value(
                contract, column.lake_name, column.lake_type, known.get(column.name), event, dice
            )
    row |= {contract.event_date: event, "feed_date": feed, "delivery_seq": 1, "shard": 0}
    return _sensible(contract.name, row, dice)


def _value(contract: Contract, name: str, type_: str, known: list[str] | None, event: date, dice: random.Random) -> Any:
    if type_ == "UUID":
        kind = "account" if name in ("account_token", "counterparty_token") else name
        return token(kind, dice.randrange(CUSTOMERS if name == "customer_token" else 4))
    if known:
        return dice.choice(known)
    # Keys of changes come back, so that a later row could replace an earlier one.
    several = 10**9 if name in contract.lake_key and contract.properties.get("history") != "changes" else 6
    drawn_by_type = {
        "BOOLEAN": dice.random() < 0.5,
        "BIGINT": dice.randrange(1_000_000),
        "INTEGER": dice.randrange(4),
        "DATE": event - timedelta(days=dice.randrange(60)),
        "VARCHAR": f"{name}-{dice.randrange(several)}",
    }
    return drawn_by_type.get(type_)


def _sensible(feed: str, row: Row, dice: random.Random) -> Row:
    """What a random value would make the row say nothing, or what one feed must have in common with another."""
    if feed == "bank.bank_transaction":
        row["line_type"] = dice.choice(_LINES[row["direction"]])
        if row["line_type"] == "salary":
            row["amount_cents"] = 800_000 + dice.randrange(9_000)
    if feed == "bank.customer":
        row["birth_month"] = date(1999, dice.randint(1, 12), 1)
        row |= {
            "industry_code": dice.choice(["software", "public", None]),
            "marital_status": dice.choice(["married", "single"]),
        }
    if feed == "bank.consent":
        withdrawn = row["changed_on"] if dice.random() < 0.25 else None
        row |= {"expires_on": None, "withdrawn_on": withdrawn, "granted_on": row["changed_on"]}
        row["consent_id"] = f"{row['customer_token']} {row['consent_scope']}"
    if feed == "bank.household_member":
        row |= {"relation": "spouse", "signed_on": row["changed_on"], "ended_on": None}
        row["household_member_id"] = row["customer_token"]
    if feed == "credit.repayment":
        row["plan_id"] = f"plan_id-{dice.randrange(6)}"
    if feed == "credit.credit_account":
        row["opened_on"] = row["reported_on"] - timedelta(days=dice.choice((10, dice.randrange(2000))))
        row["lender_code"] = f"L{dice.randrange(30)}"
    if feed == "credit.installment_plan":
        row |= {"started_on": row["changed_on"], "first_due_on": row["changed_on"] + timedelta(days=10), "term_m": 12}
        row["annual_rate"] = Decimal("0.12")
    if feed == "credit.card_statement":
        row |= {"credit_limit_cents": 900_000, "paid_cents": row["paid_cents"] if dice.random() < 0.5 else 10**7}
    return row


def deliveries(seed: int, *, later: bool = False) -> dict[str, list[Row]]:
    """Rows of every feed; those that are not `later` give each customer a master row and consents."""
    dice = random.Random(seed)  # noqa: S311 - rows of a test
    rows = {c.name: drawn(c, dice, _MANY.get(c.name, 5) * CUSTOMERS, later=later) for c in FEEDS}
    if not later:
        rows["bank.bank_transaction"] += _regular(dice)
        for name in ("bank.customer", "bank.consent"):
            contract = load_contract(name)
            scopes = ["bank_statement", "ecommerce", "credit_bureau", "social"] if name == "bank.consent" else [None]
            for number in range(CUSTOMERS + 1):
                for scope in scopes:
                    row = _row(contract, dice, later=False) | {"customer_token": token("customer_token", number)}
                    if scope:
                        row |= {"consent_scope": scope, "consent_id": f"{row['customer_token']} {scope}"}
                    rows[name].append(row)
    return rows


def _regular(dice: random.Random) -> list[Row]:
    """A monthly credit of one payer, of an employer or of the family, for a customer who has no other income lines."""
    lines, contract = [], load_contract("bank.bank_transaction")
    kind, who, payer = (
        dice.choice(["company_in", "support_in", "salary"]),
        CUSTOMERS,
        token("payer", dice.randrange(99)),
    )
    for days in (20, 51, 81, 112, 142, 171, 201):
        amount = 500_100 if kind != "salary" else dice.randrange(1_000_000)
        line = {"direction": "credit", "line_type": kind, "amount_cents": amount, "counterparty_token": payer}
        event = NIGHT - timedelta(days=days)
        line |= {"customer_token": token("customer_token", who), "posted_on": event, "feed_date": event}
        lines.append(_row(contract, dice, later=False) | line)
    return lines


def warehouse(rows: dict[str, list[Row]]) -> duckdb.DuckDBPyConnection:
    """The rows as landing splits them: those that came after the month of their event lie in the late store."""
    con = duckdb.connect(config={"threads": "1"})
    con.execute("ATTACH ':memory:' AS lake")
    for contract in FEEDS:
        con.execute(f"CREATE SCHEMA IF NOT EXISTS lake.{contract.schema}")
        tables = [f"lake.{table}" for table in lake_tables(contract)]
        for table in tables:
            con.execute(f"CREATE TABLE {table} ({', '.join(f'{n} {t}' for n, t in contract.lake_columns())})")
        split: list[list[Row]] = [[], []]
        for row in rows.get(contract.name, ()):
            split[len(tables) > 1 and row[contract.event_date] < row["feed_date"].replace(day=1)].append(row)
        for table, some in zip(tables, split, strict=False):
            if some:
                register(con, "some_rows", pl.DataFrame(some, infer_schema_length=None))
                con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM some_rows")
                con.unregister("some_rows")
    return con


def _progress(con: duckdb.DuckDBPyConnection, knows: FeedSnapshot, night: date) -> pl.DataFrame:
    """`servicing.plan_progress` of the rows the night knows."""
    plans, repayments = (
        fetch(con, f"SELECT * FROM {knows.relations(load_contract(f), known_on=True).all}".replace(_NOW, ""))
        for f in ("credit.installment_plan", "credit.repayment")
    )
    return plan_progress(plans, repayments, no_versions(), hardship(), night, policy(night))


class _Frames(dict[str, pl.DataFrame]):
    def __init__(self, con: duckdb.DuckDBPyConnection, queries: dict[str, str]) -> None:
        super().__init__()
        self._con, self._queries = con, queries

    def __missing__(self, name: str) -> pl.DataFrame:
        self[name] = fetch(self._con, self._queries[name].replace(_NOW, ""))
        return self[name]


def profile_tables(
    con: duckdb.DuckDBPyConnection, night: date = NIGHT, parameters: ProfileParameters = PARAMETERS
) -> dict[str, pl.DataFrame]:
    """Every table of the profile, through the reductions' own SQL; rows in the order of their keys."""
    knows = FeedSnapshot(night, 0, 0, {}, {}, {})
    frames = _Frames(con, reductions(night, {c.name: knows.relations(c) for c in FEEDS}))
    income = income_estimate(frames, night, parameters)
    progress = _progress(con, knows, night)
    ledger = debt_ledger(frames, progress, night, parameters)
    known = parse_occupations(occupations().body, night, "occupations.toml")
    profile = customer_profile(
        frames,
        night,
        income_estimate=income,
        debt_ledger=ledger,
        plan_progress=progress,
        profile_parameters=parameters,
        occupations=known,
    )
    points = risk_point(profile, parse_risk_points(risk_points().body, night, "risk_points.toml", reasons(night)))
    tables = {
        "profile.income_estimate": income,
        "profile.debt_ledger": ledger,
        "profile.customer_profile": profile,
        "profile.risk_point": points,
    }
    return {name: t.sort(*load_contract(name).lake_key) for name, t in tables.items()}
