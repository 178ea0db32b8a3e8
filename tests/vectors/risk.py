"""Kinds about scorecards and drift: weight of evidence, KS and AUC, stability index."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.vectors.answers import NotUnderstoodError, Outcome, Vector, brief, compare_named, known_keys, number
from transforms.risk import measures

if TYPE_CHECKING:
    from collections.abc import Callable

_REVERSED = re.compile(r"ln\(\s*%?\s*(event|bad)s?%?\s*/")


def _round_like(got: Any, expected: Any) -> Any:
    """Measures are published rounded: compare at the decimals of the longest figure of the list."""
    if isinstance(expected, list):
        decimals = max(_decimals(item) for item in expected)
        return [round(g, decimals) for g in got], [round(e, decimals) for e in expected]
    return round(got, _decimals(expected)), expected


def _decimals(value: float) -> int:
    text = f"{value:.17g}" if abs(value) >= 1e-4 else f"{value:.12f}".rstrip("0")
    return min(10, len(repr(value).partition(".")[2]) if "e" not in repr(value) else len(text.partition(".")[2]))


def _compare(got: dict[str, Any], expected: dict[str, Any]) -> Outcome:
    wanted = {name: value for name, value in expected.items() if name not in {"decimals", "note"}}
    missing = [name for name in wanted if name not in got]
    if missing:
        raise NotUnderstoodError(f"expected {', '.join(missing)} is not computed for this kind")
    passed = bool(wanted)
    for name, value in wanted.items():
        ours, theirs = _round_like(got[name], value)
        passed = passed and bool(np.allclose(ours, theirs, rtol=0, atol=1.01e-6 if isinstance(value, list) else 1e-8))
    return Outcome(brief(wanted), brief({name: got[name] for name in wanted}), passed)


def woe_iv(vector: Vector) -> Outcome:
    """Weight of evidence and information value of a binned variable."""
    inputs = vector["inputs"]
    known_keys(inputs, "bins", "non_event", "event", "woe_convention")
    table = measures.bin_measures(inputs["non_event"], inputs["event"])
    sign = -1 if _REVERSED.match(str(inputs.get("woe_convention", "")).lower()) else 1
    got = {
        "woe": (sign * table.woe).tolist(),
        "iv_by_bin": table.iv_by_bin.tolist(),
        "iv": table.iv,
        "js_by_bin": table.js_by_bin.tolist(),
        "js": table.js,
        "hellinger": table.hellinger,
        "triangular": table.triangular,
        "gini": table.gini,
        "auc": (table.gini + 1) / 2,
        "ks": table.ks,
    }
    return _compare(got, vector["expected"])


def psi(vector: Vector) -> Outcome:
    """Stability index of counts a bin."""
    inputs = vector["inputs"]
    known_keys(inputs, "actual", "expected_counts", "expected", "bins")
    expected = inputs.get("expected_counts", inputs.get("expected"))
    terms = measures.psi_by_bin(inputs["actual"], expected)
    return _compare({"psi_by_bin": terms.tolist(), "psi": float(terms.sum())}, vector["expected"])


def woe_scalar(vector: Vector) -> Outcome:
    """One weight of evidence in toad's sign, ln(share of events / share of non-events)."""
    inputs = vector["inputs"]
    known_keys(inputs, "y_prob", "n_prob")
    woe = -measures.weight_of_evidence(number(inputs["n_prob"]), number(inputs["y_prob"]))
    return compare_named({"woe": float(woe)}, vector["expected"])


_CALL = re.compile(
    r"(?:np\.random\.|random\.)?(?P<function>rand|random|randn|normal|uniform|beta|lognormal|poisson|randint|seed)"
    r"\((?P<arguments>[^()]*)\)"
)


def generated(text: str) -> dict[str, np.ndarray]:
    """Arrays of a NumPy legacy recipe such as "np.random.seed(1); x=np.random.rand(5)", without evaluating code."""
    state = np.random.RandomState()
    made: dict[str, np.ndarray] = {}
    for statement in filter(None, (part.strip() for part in re.split(r"[;\n]", text))):
        name, equals, call = statement.partition("=") if re.match(r"\w+\s*=", statement) else ("", "", statement)
        found = _CALL.fullmatch(call.strip())
        if found is None or bool(equals) == (found["function"] == "seed"):
            raise NotUnderstoodError(f"generator step {statement!r}")
        positional, named = [], {}
        for argument in filter(None, (a.strip() for a in found["arguments"].split(","))):
            key, given, value = argument.rpartition("=")
            if given:
                named[key.strip()] = _figure(value)
            else:
                positional.append(_figure(value))
        result = getattr(state, found["function"])(*positional, **named)
        if equals:
            made[name.strip()] = result
    return made


def _figure(text: str) -> int | float:
    return int(text) if re.fullmatch(r"\s*-?\d+\s*", text) else number(text)


def ks_auc(vector: Vector) -> Outcome:
    """KS and AUC of a generated score."""
    inputs = vector["inputs"]
    known_keys(inputs, "generator", "score", "target")
    if "generator" in inputs:
        made = generated(inputs["generator"])
        score, target = made.get("feature", made.get("score")), made.get("target")
    else:
        score, target = np.asarray(inputs["score"]), np.asarray(inputs["target"])
    if score is None or target is None:
        raise NotUnderstoodError("the generator makes no feature or no target")
    auc = measures.auc(score, target)
    return compare_named({"ks": measures.ks(score, target), "auc": auc, "gini": 2 * auc - 1}, vector["expected"])


def psi_gen(vector: Vector) -> Outcome:
    """Stability index of a generated score against a generated base."""
    inputs = vector["inputs"]
    known_keys(inputs, "generator", "cuts", "actual", "base")
    made = generated(inputs["generator"])
    actual, base = str(inputs.get("actual", "feature")), str(inputs.get("base", "base"))
    if not {actual, base} <= set(made):
        raise NotUnderstoodError(f"the generator makes no {actual} or no {base}")
    cuts = inputs.get("cuts")
    if cuts is None:
        values = np.unique(np.concatenate([made[actual], made[base]]))
        cuts = values[1:].tolist()
    now, then = (measures.counts_by_cut(made[name], cuts) for name in (actual, base))
    kept = (now + then) > 0
    return compare_named({"psi": measures.psi(now[kept], then[kept])}, vector["expected"])


KINDS: dict[str, Callable[[Vector], Outcome]] = {
    "woe_iv": woe_iv,
    "psi": psi,
    "woe_scalar": woe_scalar,
    "ks_auc": ks_auc,
    "psi_gen": psi_gen,
}
