"""What the commands say of a published night, as a newcomer and as a machine would read it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from orchestration.cli import app
from tests.integration.lab import DATES, Lab

if TYPE_CHECKING:
    from click.testing import Result

COMMANDS = sorted(command.name or "" for command in app.registered_commands)


def fenqi(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def published(forward: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setenv("FENQI_HOME", str(forward.home))
    return forward


def test_the_commands_of_the_design_are_there() -> None:
    assert {"night", "backfill", "simulate-feeds", "quote", "explain", "sql"} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_what_a_command_does_and_what_each_option_is(command: str) -> None:
    told = fenqi(command, "--help")
    assert told.exit_code == 0
    assert len(told.output.splitlines()[2].strip()) > 20, "a sentence on what it does"
    declared = typer.main.get_command(app).commands[command]  # type: ignore[attr-defined]  # the app is a group
    wordless = [p.name for p in declared.params if len((getattr(p, "help", None) or "").split()) < 2]
    assert wordless == []


def test_sql_reads_and_changes_nothing(published: Lab) -> None:
    counted = fenqi("sql", "SELECT count(*) AS n FROM eligibility.customer_eligibility", "--json")
    assert json.loads(counted.output) == [{"n": len(DATES) * 120}]
    for change in (
        "DELETE FROM eligibility.customer_eligibility",
        "SELECT 1; DROP TABLE risk.risk_reason",
        "CREATE TABLE eligibility.mine AS SELECT 1",
        "ATTACH ':memory:' AS mine",
        "COPY (SELECT 1) TO '/tmp/x.csv'",
    ):
        refused = fenqi("sql", change)
        assert refused.exit_code == 1
        assert "only statements that read" in str(refused.exception)
    assert "does not exist" in str(fenqi("sql", "SELECT * FROM nothing.there").exception)
    assert json.loads(fenqi("sql", "SELECT count(*) AS n FROM risk.risk_reason", "--json").output)[0]["n"] > 0
    assert published.manifests()


def test_every_cell_of_the_rate_card_is_one_quote_away_to_the_cent(published: Lab) -> None:
    """A sample over products, methods, grades and terms: payment, interest and both annual figures at 10,000."""
    cells = published.query(
        "FROM (SELECT product_code, repay_method, risk_grade, arg_min(term_m, hash(term_m)) AS term_m, "
        "arg_min({'payment': payment_per_10k_cents, 'interest': interest_per_10k_cents, 'irr': apr_irr, "
        "'simple': apr_simple}, hash(term_m)) AS cell "
        f"FROM lake.eligibility.rate_card WHERE as_of_date = DATE '{DATES[2]}' AND NOT price_above_cap "
        "AND plan_type = 'standard' GROUP BY ALL) ORDER BY hash(product_code, repay_method, risk_grade) LIMIT 12"
    )
    assert len(cells) >= 10
    for product, method, grade, term, cell in cells:
        answered = fenqi(
            *("quote", "--amount", "10000", "--term", str(term), "--grade", grade, "--product", product),
            *("--method", method, "--start", str(DATES[2]), "--date", str(DATES[2]), "--json"),
        )
        assert answered.exit_code == 0, answered.output
        quoted = json.loads(answered.output)
        first = next(row for row in quoted["schedule"] if row["installment_no"] == 1)
        assert first["payment_cents"] == cell["payment"], (product, method, grade, term)
        assert quoted["interest_cents"] == cell["interest"]
        assert round(quoted["apr_irr"], 6) == pytest.approx(float(cell["irr"]), abs=1.1e-6)
        assert round(quoted["apr_simple"], 6) == pytest.approx(float(cell["simple"]), abs=1.1e-6)


def test_a_cell_with_a_first_due_date_is_quoted_by_its_products_conventions(published: Lab) -> None:
    """Odd days on 360 in the first installment, due dates rolled by the product's calendar, and no date it forbids."""
    grade, term, rate = published.query(
        f"SELECT risk_grade, term_m, nominal_rate FROM lake.eligibility.rate_card WHERE as_of_date = DATE '{DATES[2]}' "
        "AND product_code = 'card_general' AND repay_method = 'ANNUITY' AND NOT price_above_cap ORDER BY ALL LIMIT 1"
    )[0]
    start = date(2026, 1, 5)
    asked = ("quote", "--amount", "10000", "--term", str(term), "--grade", grade, "--product", "card_general")
    asked += ("--start", str(start), "--date", str(DATES[2]), "--json")
    answered = fenqi(*asked, "--first-due", "2026-02-15")
    assert answered.exit_code == 0, answered.output
    rows = json.loads(answered.output)["schedule"]
    assert rows[0]["due_on"] == "2026-02-24", "15 to 23 February 2026 is the Spring Festival"
    assert rows[0]["interest_cents"] == round(1_000_000 * float(rate) * 41 / 360)
    assert rows[1]["payment_cents"] < rows[0]["payment_cents"]
    own = json.loads(
        fenqi(*asked, "--first-due", "2026-02-15", "--roll", "none", "--first-period", "equal_periods").output
    )
    assert own["schedule"][0]["due_on"] == "2026-02-15"
    assert own["schedule"][0]["interest_cents"] == round(1_000_000 * float(rate) / 12)
    refused = fenqi(*asked, "--first-due", "2026-03-15")
    assert refused.exit_code == 2
    assert "the product allows 15 to 45" in refused.output.replace("\n", " ")


def test_explain_gives_each_decision_its_reasons_in_both_languages(published: Lab) -> None:
    for decision in ("eligible", "review", "declined"):
        token, reasons = published.query(
            "SELECT customer_token::VARCHAR, reasons FROM lake.eligibility.customer_eligibility "
            f"WHERE as_of_date = DATE '{DATES[2]}' AND decision = '{decision}' ORDER BY ALL LIMIT 1"
        )[0]
        texts = published.query(
            f"SELECT reason_en, reason_zh FROM lake.reference.policy WHERE as_of_date = DATE '{DATES[2]}' "
            # That a person must look is said by its cause, not once more.
            f"AND item_key IN {(*reasons, 'none')} AND item_key <> 'human_review'"
        )
        english, chinese = (fenqi("explain", token, "--language", tongue) for tongue in ("en", "zh"))
        assert english.exit_code == chinese.exit_code == 0
        said = " ".join(english.output.split())
        assert all(" ".join(en.split()) in said for en, _ in texts)
        assert all(zh in chinese.output.replace("\n", "") for _, zh in texts)
        machine = json.loads(fenqi("explain", token, "--json").output)
        assert machine["eligibility"]["decision"] == decision


def test_explain_of_a_stranger_says_where_to_look(published: Lab) -> None:
    asked = fenqi("explain", "no-such-customer", "--date", str(DATES[0]))
    assert asked.exit_code == 1
    assert "no published row of this customer" in str(asked.exception)
    assert published.home.name not in str(asked.exception)


def test_the_cost_sheet_of_any_offer_is_a_command_away(published: Lab, tmp_path: Path) -> None:
    """Text in both languages, JSON, a page; every offer of the night can be shown, to the cent of its schedule."""
    offers = published.query(
        "SELECT min_by(offer_id, offer_id), product_code, min_by(total_cost_cents, offer_id) "
        f"FROM lake.eligibility.installment_offer WHERE as_of_date = DATE '{DATES[2]}' GROUP BY product_code"
    )
    assert len(offers) >= 6
    for key, product, cost in offers:
        told = json.loads(fenqi("disclosure", key, "--date", str(DATES[2]), "--json").output)
        assert (told["product"]["code"], told["total_cost_cents"]) == (product, cost)
        assert sum(line["amount_cents"] for line in told["charges"]) == cost
        assert told["no_other_fees"]["zh"] == "除上述列明的费用外,不收取任何其他费用。"
    page = tmp_path / "sheet.html"
    assert fenqi("disclosure", offers[0][0], "--html", str(page)).exit_code == 0
    assert offers[0][0] in page.read_text(encoding="utf-8")
    both = fenqi("disclosure", offers[0][0]).output
    assert "There are no fees other" in both
    assert "违约金" in both
    assert "is published" in str(fenqi("disclosure", "0" * 32).exception)
    assert "is no offer key" in str(fenqi("disclosure", "x").exception)


def test_a_night_simulated_under_its_own_policy_swaps_nobody(published: Lab, tmp_path: Path) -> None:
    """And under a stricter one nobody gains; several policies go in one run, with a page."""
    shipped = Path("warehouse/reference/policies/cn/bank_card.toml").read_text(encoding="utf-8")
    strict = tmp_path / "strict.toml"
    strict.write_text(shipped.replace('worst_automatic_grade = "E"', 'worst_automatic_grade = "A"'), encoding="utf-8")
    page = tmp_path / "compare.html"
    told = fenqi(
        *("simulate", "--date", str(DATES[2]), "--policy", "cn/bank_card", "--policy", str(strict)),
        *("--html", str(page), "--json"),
    )
    assert told.exit_code == 0, told.output
    as_published, same, stricter = json.loads(told.stdout)["outcomes"]
    assert same["swaps"]["unchanged"] == 120
    assert same["limit_cents"] == as_published["limit_cents"] > 0
    assert stricter["swaps"]["swapped_in"] == 0
    assert stricter["swaps"]["swapped_out"] > 0
    assert page.read_text(encoding="utf-8").count("<svg") == 11
    assert "is not published" in str(fenqi("simulate", "--date", "2025-01-01", "--policy", "cn/bank_card").exception)
    assert published.manifests()[-1][0] == DATES[2]


def test_a_policy_file_is_checked_listed_and_compared(tmp_path: Path) -> None:
    assert fenqi("policy", "check", "cn/bank_card").exit_code == 0
    bad = tmp_path / "bad.toml"
    shipped = Path("warehouse/reference/policies/cn/bank_card.toml").read_text(encoding="utf-8")
    bad.write_text(shipped.replace("max_lenders", "max_lendres").replace("minimum_y", "minimum_z"), encoding="utf-8")
    told = fenqi("policy", "check", str(bad), "--json")
    assert told.exit_code == 1
    mistakes = json.loads(told.stdout)["mistakes"]
    assert any("max_lendres" in m for m in mistakes)
    assert any("minimum_z" in m for m in mistakes)
    bad.write_text("not = [toml", encoding="utf-8")
    assert fenqi("policy", "check", str(bad)).exit_code == 1
    compared = json.loads(
        fenqi("policy", "diff", "cn/bank_card@2025-12-31", "cn/bank_card@2026-01-01", "--json").stdout
    )
    assert [d["key"] for d in compared["differences"]] == ["subsidy.covers_card_installment"]
    assert "cn/bank_card" in fenqi("policy", "list").output
