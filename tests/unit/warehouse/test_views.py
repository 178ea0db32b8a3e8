"""What changed between two published nights and why, and a verdict per rule, as readers see them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.unit.warehouse.support import lake, settings
from warehouse.contract import load_contract
from warehouse.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

#: The nights published; the one of the 12th is missing, so the 13th follows the 11th.
NIGHTS = (date(2026, 3, 10), date(2026, 3, 11), date(2026, 3, 13))
_NOTHING: dict[str, Any] = {"VARCHAR": "", "VARCHAR[]": [], "BIGINT": 0, "INTEGER": 0, "SMALLINT": 0, "BOOLEAN": False}
_STANDING = {"decision": "eligible", "limit_cents": 100, "max_term_m": 12, "min_rate": 0.07, "risk_grade": "B"}
_STANDING |= {"policy_version": "p1", "model_version": "m1", "income_cents": 9, "limit_bound_by": "grade"}


def token(number: int) -> UUID:
    return UUID(int=number)


def insert(con: duckdb.DuckDBPyConnection, name: str, **values: Any) -> None:
    """A row with `values`, and nothing where a value is required."""
    contract = load_contract(name)
    row = {c.lake_name: _NOTHING.get(c.lake_type) for c in contract.columns if c.required} | values
    names = ", ".join(str(n) for n in row)
    con.execute(f"INSERT INTO lake.{name} ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


#: (customer, night, what differs from a standing eligible row).
ROWS: list[tuple[int, int, dict[str, Any]]] = [
    *((1, night, {}) for night in range(3)),  # never changes
    (2, 0, {"decision": "declined", "limit_cents": 0, "reasons": ["too_many_plans", "high_debt"]}),
    (2, 1, {"limit_cents": 80}),  # enters
    (2, 2, {"decision": "review", "reasons": ["high_debt"], "limit_cents": 80, "policy_version": "p2"}),  # leaves
    (3, 0, {}),
    (3, 1, {"limit_cents": 120, "income_cents": 12, "limit_bound_by": "affordability"}),
    (
        3,
        2,
        {
            "limit_cents": 120,
            "income_cents": 12,
            "limit_bound_by": "affordability",
            "min_rate": 0.06,
            "risk_grade": "A",
        },
    ),
    (4, 1, {}),  # new and eligible on the 11th, gone on the 13th
    (5, 2, {"decision": "declined", "reasons": ["student"]}),  # new, not eligible
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("views")


@pytest.fixture(scope="module")
def published(home: Path) -> Iterator[Lake]:
    """Making a lake is dear: one for all tests here, which leave its decisions as they are."""
    with lake(home) as opened:
        opened.con.execute("BEGIN")
        for number, night in enumerate(NIGHTS, start=1):
            stamp = {"business_date": night, "manifest_no": number, "run_id": f"r{number}", "landing_no": 0}
            insert(opened.con, "control.run_manifest", **stamp, published_at="2026-03-14 00:00:00")
        # The 10th was restated: its date stands in the manifest twice.
        stamp = {"business_date": NIGHTS[0], "manifest_no": 4, "run_id": "r4", "landing_no": 0}
        insert(opened.con, "control.run_manifest", **stamp, published_at="2026-03-15 00:00:00")
        for customer, night, differs in ROWS:
            known = {"as_of_date": NIGHTS[night], "customer_token": token(customer), **_STANDING, **differs}
            insert(opened.con, "eligibility.customer_eligibility", **known)
        opened.con.execute("COMMIT")
        yield opened


def changes(con: duckdb.DuckDBPyConnection, where: str = "true") -> dict[tuple[int, int], dict[str, Any]]:
    cursor = con.execute(f"SELECT * FROM lake.eligibility.eligibility_change WHERE {where}")
    names = [d[0] for d in cursor.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {(row["customer_token"].int, row["as_of_date"].day): row for row in rows}


def test_who_entered_who_left_and_what_changed(published: Lake) -> None:
    found = changes(published.con)
    assert {key: row["change"] for key, row in found.items()} == {
        (2, 11): "entered",
        (2, 13): "left",
        (3, 11): "changed",
        (3, 13): "changed",
        (4, 11): "entered",
        (4, 13): "left",
        (5, 13): "new_customer",
    }
    assert found[2, 13]["previous_date"] == NIGHTS[1], "the published night before, whatever day that was"


def test_why_it_changed(published: Lake) -> None:
    found = changes(published.con)
    entered, left = found[2, 11], found[2, 13]
    assert (entered["changed"], entered["why"]) == (["decision", "limit", "reasons"], ["reasons"])
    assert (entered["reasons_gained"], entered["reasons_lost"]) == ([], ["too_many_plans", "high_debt"])
    assert (left["why"], left["reasons_gained"]) == (["policy", "reasons"], ["high_debt"])
    assert (left["policy_version_before"], left["policy_version_after"]) == ("p1", "p2")
    raised, cheaper = found[3, 11], found[3, 13]
    assert (raised["changed"], raised["why"]) == (["limit"], ["income"])
    assert (raised["limit_before_cents"], raised["limit_after_cents"]) == (100, 120)
    assert (raised["limit_bound_by_before"], raised["limit_bound_by_after"]) == ("grade", "affordability")
    assert (cheaper["changed"], cheaper["why"]) == (["rate"], ["grade"])
    gone = found[4, 13]
    assert (gone["changed"], gone["decision_before"], gone["decision_after"]) == (["customer"], "eligible", None)


def test_one_night_is_read_by_its_date(published: Lake) -> None:
    """The first published night has nothing before it, and so no changes."""
    assert not changes(published.con, f"as_of_date = DATE '{NIGHTS[0]}'")
    assert {customer for customer, _ in changes(published.con, f"as_of_date = DATE '{NIGHTS[1]}'")} == {2, 3, 4}


def test_views_are_read_under_any_name_of_the_lake_and_made_once(published: Lake, home: Path) -> None:
    snapshots = "SELECT count(*) FROM ducklake_snapshots('lake')"
    before = published.con.execute(snapshots).fetchone()
    Lake.create(settings(home))
    assert published.con.execute(snapshots).fetchone() == before
    published.con.execute("USE lake")
    assert published.con.execute("SELECT count(*) FROM eligibility.eligibility_change").fetchone() == (7,)


def test_a_changed_view_is_renewed(published: Lake, home: Path) -> None:
    published.con.execute("CREATE OR REPLACE VIEW lake.eligibility.eligibility_change AS SELECT 1 AS old")
    Lake.create(settings(home))
    with Lake.open(settings(home), read_only=True) as reader:
        assert len(changes(reader.con)) == 7


def test_every_rule_of_every_offer_has_its_verdict_with_its_citation(published: Lake) -> None:
    con, night = published.con, {"as_of_date": NIGHTS[0], "policy_id": "p"}
    con.execute("BEGIN")
    for code in ("a", "b"):
        item = {"kind": "compliance", "item_key": code, "citation": f"law {code}", "reason_en": "x"}
        insert(con, "reference.policy", **night, **item, effective_from=NIGHTS[0])
    person = {**night, "customer_token": token(1), "row_cnt": 2, "rules_checked": ["a", "b"]}
    for offer in ("o1", "o2"):
        made = {"as_of_date": NIGHTS[0], "customer_token": token(1), "offer_id": offer, "prequalified_until": NIGHTS[1]}
        money = dict.fromkeys(("nominal_rate", "apr_simple", "apr_irr", "cap_rate"), 0.1)
        insert(con, "eligibility.installment_offer", **made, **money, p_plan_break=0)
    insert(con, "eligibility.compliance_check", **person, subject="offers", subject_id="offers", passed=True)
    failed = {"subject": "withheld_offer", "subject_id": "o3", "passed": False, "rules_failed": ["b"]}
    insert(con, "eligibility.compliance_check", **person, **failed)
    con.execute("COMMIT")
    rows = con.execute(
        "SELECT subject, subject_id, rule_code, passed, citation FROM lake.eligibility.compliance_verdict ORDER BY ALL"
    ).fetchall()
    assert rows == [
        *(("published_offer", offer, code, True, f"law {code}") for offer in ("o1", "o2") for code in ("a", "b")),
        ("withheld_offer", "o3", "a", True, "law a"),
        ("withheld_offer", "o3", "b", False, "law b"),
    ]
