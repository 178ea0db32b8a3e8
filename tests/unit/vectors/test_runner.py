"""The vector runner: published numbers come out, and what is not understood is a fail with words."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.vectors.__main__ import main
from tests.vectors.runner import KINDS, check, outcomes, read_vectors

PUBLISHED = Path(__file__).parents[2] / "vectors" / "published.json"
SHARED = Path(__file__).parents[3].parent / "shared" / "vectors.json"
VECTORS = {vector["id"]: vector for vector in read_vectors(PUBLISHED)}


@pytest.mark.parametrize("name", VECTORS)
def test_published_example_comes_out(name: str) -> None:
    outcome = check(VECTORS[name], VECTORS)
    assert outcome.passed, f"expected {outcome.expected}, got {outcome.got}"


def test_every_kind_has_an_example() -> None:
    assert {vector["kind"] for vector in VECTORS.values()} == KINDS


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the shared vectors are not beside this checkout")
def test_shared_vectors_pass() -> None:
    failed = [f"{name}: {outcome.got}" for name, outcome in outcomes(SHARED) if not outcome.passed]
    assert failed == []


def _changed(name: str, **inputs: Any) -> dict[str, Any]:
    vector = copy.deepcopy(VECTORS[name])
    vector["inputs"].update(inputs)
    return vector


@pytest.mark.parametrize(
    ("vector", "word"),
    [
        (_changed("fineract_C3156_due_date_change", event="the moon is full"), "event"),
        (_changed("fineract_C3916_rate_mid_period", event="rate 8% -> 4% from 2024-02-16"), "another rate"),
        (_changed("fineract_C3475_pause", paid=[["2024-02-01", 170.02]]), "more than is owed"),
        (_changed("fineract_C3475_pause", base="base_11pct"), "base"),
        (_changed("fineract_C3153", day_count="lunar"), "day count"),
        (_changed("fineract_C3153", every="1 moon"), "frequency"),
        (_changed("fineract_C3153", grace=2), "grace"),
        (_changed("cfa_personal_loan", streams="some payments"), "streams"),
        (_changed("cfa_personal_loan", streams="as ex13, with a dragon"), "streams"),
        (_changed("cfa_personal_loan", streams="as ex99"), "streams"),
        (_changed("cfa_personal_loan", streams="max(2% of balance, 300)"), "2 ways"),
        (_changed("cfa_personal_loan", streams="max(2% of balance, 300), first 1"), "first, last"),
        (_changed("cfa_personal_loan", streams=[{"amount": 1, "count": 2, "moon": 3}]), "payment run"),
        (_changed("cfa_personal_loan", streams=[["2024-02-01", 100]]), "date of the drawdown"),
        (_changed("cfa_personal_loan", payment=100, n=3), "twice"),
        (_changed("fineract_C3153", amount=5), "principal is said twice"),
        (_changed("fineract_C3153", moon_phase=3), "moon_phase"),
        (_changed("regz_c2i", unit_periods_per_year=7), "unit-period"),
        (_changed("regz_c2i", first_payment={"moon": 1}), "neither t and f nor a date"),
        (_changed("woe_two_bins", woe_convention="log odds"), "weight of evidence"),
        (_changed("woe_two_bins", total=[4, 5]), "add up"),
        (_changed("pmt_zero_rate", when="noon"), "payment time"),
        (_changed("psi_gen_self", generator="__import__('os').getcwd()"), "generator"),
        (_changed("irr_gap", cashflows=["one", 2]), "amounts"),
        ({"id": "x", "kind": "tea_leaves", "inputs": {}, "expected": {}}, "not known"),
        ({"id": "x", "kind": "pmt", "inputs": {}, "expected": {"pmt": 1}}, "KeyError"),
    ],
)
def test_what_is_not_understood_fails_with_words(vector: dict[str, Any], word: str) -> None:
    outcome = check(vector, VECTORS)
    assert not outcome.passed
    assert word in outcome.got


def test_a_loan_that_is_a_change_of_itself_is_refused() -> None:
    turning = _changed("fineract_C3153", base="b")
    assert "itself" in check(turning, {"a": {"inputs": {"base": "b"}}, "b": {"inputs": {"base": "a"}}}).got


def test_a_change_may_be_a_change_of_a_change_and_carry_its_base_with_it() -> None:
    """What happens adds up over all of them; terms are said anew by the last."""
    nested = _changed("fineract_C3448_chargeback_two", base=None)
    inner = VECTORS["fineract_C3448_chargeback_part"]["inputs"]
    nested["inputs"]["base"] = {**inner, "base": VECTORS["fineract_base_7pct"]["inputs"]}
    assert check(nested, {}).passed
    nested["inputs"]["base"]["base"] = {**VECTORS["fineract_base_7pct"]["inputs"], "annual_rate_pct": 8}
    assert not check(nested, {}).passed
    nested["inputs"]["annual_rate_pct"] = 7
    assert check(nested, {}).passed


def test_a_cent_or_a_digit_off_fails() -> None:
    for name, path in (("fineract_C3153", ("rows", 2, 3)), ("regz_c1ii", ("apr_pct",)), ("xirr_act/360", ("xirr",))):
        vector = copy.deepcopy(VECTORS[name])
        place = vector["expected"]
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = round(place[path[-1]] + 0.01, 6)
        assert not check(vector, VECTORS).passed


def test_nothing_expected_is_no_pass() -> None:
    assert not check({**VECTORS["irr_gap"], "expected": {}}, VECTORS).passed


@pytest.mark.parametrize(
    "event",
    [
        "rate 7% -> 4% from 2024-02-16, EMI recomputed",
        "rate 7 -> 4% from 2024-02-16",
        "interest rate change from 7% to 4% effective from 2024-02-16; instalments recalculated",
        "Rate changed to 4% on 2024-02-16",
    ],
)
def test_sensible_wordings_of_an_event_are_read_alike(event: str) -> None:
    assert check(_changed("fineract_C3916_rate_mid_period", event=event), VECTORS).passed


@pytest.mark.parametrize(
    ("streams", "expected"),
    [
        ("240 equal monthly payments of 1432.86", 6.434412),
        ("1432.86 x 240", 6.434412),
        ("240 monthly instalments of 1432.86; exit cost 100 at end", 6.436359),
        ("1166.67 a month for 240 months + 200000 at the end", 7.430479),
        ("fixed payment 1500 until repaid, last 407.70", 6.452756),
        ("as ex1, the borrower may repay early", 6.434412),
        ("fixed capital 900 + interest on balance", 6.492533),
        ("constant capital repayment of 900 plus interest 6%/12 on the balance, last 201.00", 6.492533),
        ("max(2% of (balance+interest),300)", 6.695965),
        ("2% of outstanding balance incl. interest, min 300; first 4020", 6.695965),
        ("monthly max(2% of balance, 300), first 4020", 6.695965),
        ("as ex14 but repaid within fifteen years", 6.822923),
        ("interest + max(2% of balance,100), remaining balance repaid at month 180", 6.822923),
        ("as ex13, plus insurance premium of 100 every two years from first month", 6.523259),
        ("240 monthly, first-year 1778.58, -3% each year", 6.46836),
        ("6 x 1166.67, then 234 x 1398.33; 200000 at end", 8.86928),
        ([[1319.91, 24], [1423.41, 216]], 6.190654),
        ([{"amount": 1166.67, "count": 240, "first_month": 1}, {"amount": 200000, "first_year": 20}], 7.430479),
    ],
)
def test_sensible_wordings_of_streams_are_read_alike(streams: object, expected: float) -> None:
    """Figures of the European Commission's examples."""
    inputs = {"drawdown": 200000, "upfront_cost": 4000, "streams": streams}
    vector = {"id": "ec", "kind": "aprc_eu", "inputs": inputs, "expected": {"aprc_pct": expected, "decimals": 6}}
    outcome = check(vector, {})
    assert outcome.passed, outcome.got


def test_payment_runs_may_start_where_they_like() -> None:
    """A run with its own start is the run that follows when it starts there."""
    payments = (
        [[250, 1], [230, 23, 2]],
        [[250, 1], [230, 23, "1978-03-10"]],
        [[250, 1], {"amount": 230, "count": 23, "t": 2}],
    )
    for form in payments:
        assert check(_changed("regz_c2i", payments=form), VECTORS).passed


def test_command_prints_a_line_an_id_and_exits_by_outcome(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = tmp_path / "good.json"
    good.write_text(json.dumps({"vectors": [VECTORS["irr_gap"]]}))
    assert main([str(good)]) == 0
    assert capsys.readouterr().out.startswith("pass  irr_gap  expected irr=")
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps([{"id": "x", "kind": "tea_leaves", "inputs": {}, "expected": {}}]))
    assert main([str(bad)]) == 1
    assert "FAIL  x" in capsys.readouterr().out
    assert main([str(tmp_path / "absent.json")]) == 2
