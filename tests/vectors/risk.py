"""Kinds about scorecards and drift: weight of evidence, KS and AUC, stability index."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.vectors.answers import NotUnderstoodError, Outcome, Vector, brief, compare_named, known_keys, number
from tests.vectors.keys import canonical, plain_key
from transforms.risk import measures

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_GOOD, _BAD = r"(?:non-?_?events?|goods?|negatives?)", r"(?:events?|bads?|positives?|defaults?)"
_SHARE = r"(?:%|p_|p\(|share(?: of)? |distr(?:ibution)?(?: of)? |dist_)?"
_FORWARD = re.compile(rf"(?:woe ?= ?)?(?:ln|log) ?\( ?{_SHARE}{_GOOD}\)?%? ?/ ?{_SHARE}{_BAD}\)?%? ?\)")
_REVERSED = re.compile(rf"(?:woe ?= ?)?(?:ln|log) ?\( ?{_SHARE}{_BAD}\)?%? ?/ ?{_SHARE}{_GOOD}\)?%? ?\)")
_TABLE = {
    "bins": ("bin", "labels", "bin_labels", "variable"),
    "non_event": (
        "non_events", "nonevent", "nonevents", "good", "goods", "n_good", "good_count", "negative", "non_event_count",
        "n_nonevent", "negatives",
    ),
    "event": ("events", "bad", "bads", "n_bad", "bad_count", "positive", "event_count", "n_event", "positives"),
    "total": ("count", "counts", "n", "all", "total_count"),
    "woe_convention": ("convention", "woe_definition", "woe_sign"),
    "columns": (),
    "rows": ("table", "data"),
}  # fmt: skip
#: Names of a measure in sources: the name here.
_MEASURES = {
    "information_value": "iv", "iv_total": "iv", "total_iv": "iv", "jeffrey": "iv", "jeffreys": "iv",
    "jensen_shannon": "js", "js_total": "js", "js_divergence": "js", "hellinger_total": "hellinger",
    "lecam": "triangular", "triangular_discrimination": "triangular", "triangular_total": "triangular",
    "iv_bins": "iv_by_bin", "iv_per_bin": "iv_by_bin", "ivs": "iv_by_bin", "bin_iv": "iv_by_bin",
    "js_bins": "js_by_bin", "js_per_bin": "js_by_bin", "bin_js": "js_by_bin", "woe_by_bin": "woe",
    "woe_per_bin": "woe", "hellinger_per_bin": "hellinger_by_bin", "triangular_per_bin": "triangular_by_bin",
    "event_rates": "event_rate", "bad_rate": "event_rate", "badprob": "event_rate", "event_rate_by_bin": "event_rate",
    "count_pct": "share", "count_distr": "share", "count_share": "share", "shares": "share",
    "psi_per_bin": "psi_by_bin", "psi_bins": "psi_by_bin", "bins_psi": "psi_by_bin", "psi_total": "psi",
    "total_psi": "psi", "ks_statistic": "ks", "gini_index": "gini",
}  # fmt: skip
_LISTS = {"iv": "iv_by_bin", "js": "js_by_bin", "hellinger": "hellinger_by_bin", "triangular": "triangular_by_bin"}
_LISTS["psi"] = "psi_by_bin"
_FEW_DIGITS = 4


def _decimals(value: float) -> int:
    text = f"{value:.17g}" if abs(value) >= 1e-4 else f"{value:.12f}".rstrip("0")
    return min(10, len(repr(value).partition(".")[2]) if "e" not in repr(value) else len(text.partition(".")[2]))


def _agrees(got: Any, expected: Any, places: int | None) -> bool:
    """Measures are published rounded: at the decimals of the longest figure of a list, or a figure's own digits.

    A figure of five digits or more says itself how it is rounded; a short one may have lost its zeros.
    """
    theirs = expected if isinstance(expected, list) else [expected]
    ours = got if isinstance(expected, list) else [got]
    if len(theirs) != len(ours) or not theirs:
        return False
    figures = [number(value) for value in theirs]
    longest = max(map(_decimals, figures))
    for mine, figure in zip(ours, figures, strict=True):
        digits = len(f"{abs(figure):.12f}".replace(".", "").strip("0"))
        decimals = places if places is not None else _decimals(figure) if digits > _FEW_DIGITS else longest
        if abs(mine - figure) > 0.5000001 * 10.0**-decimals:
            return False
    return True


def _compare(got: dict[str, Any], expected: dict[str, Any]) -> Outcome:
    """Every measure expected, under its name or another source's; a list of a measure is that by bin."""
    wanted = {name: value for name, value in expected.items() if name not in {"decimals", "note"}}
    named = {}
    for name, value in wanted.items():
        plain = _MEASURES.get(plain_key(name), plain_key(name))
        named[name] = _LISTS.get(plain, plain) if isinstance(value, list) else plain
    if missing := [name for name, ours in named.items() if ours not in got]:
        raise NotUnderstoodError(f"expected {', '.join(missing)} is not computed for this kind")
    ours = {name: got[mine] for name, mine in named.items()}
    passed = bool(wanted) and all(
        _agrees(ours[name], value, expected.get("decimals")) for name, value in wanted.items()
    )
    return Outcome(brief(wanted), brief(ours), passed)


def _columns(inputs: dict[str, Any]) -> dict[str, Any]:
    """Lists a bin, given so or as a table of rows."""
    found = canonical(inputs, _TABLE)
    rows = found.pop("rows", None)
    if rows is None:
        return found
    if isinstance(rows[0], dict):
        names, rows = list(rows[0]), [list(row.values()) for row in rows]
    else:
        names = found.pop("columns")
    return {**found, **canonical({name: [row[k] for row in rows] for k, name in enumerate(names)}, _TABLE)}


def _sign(convention: object) -> int:
    text = str(convention or "ln(%non_event/%event)").lower().replace("non event", "non_event")
    if _FORWARD.match(text):
        return 1
    if _REVERSED.match(text):
        return -1
    raise NotUnderstoodError(f"weight of evidence as {convention!r}")


def _counts(table: dict[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cases without and with the event a bin; one of the two may be given by the total."""
    given = {
        name: np.array([number(v) for v in table[name]]) for name in ("non_event", "event", "total") if name in table
    }
    if len(given) < 2:
        raise NotUnderstoodError("counts of events and non-events are needed")
    event = given["event"] if "event" in given else given["total"] - given["non_event"]
    good = given["non_event"] if "non_event" in given else given["total"] - event
    if "total" in given and (given["total"] != good + event).any():
        raise NotUnderstoodError("events and non-events do not add up to the counts")
    return good, event


def woe_iv(vector: Vector) -> Outcome:
    """Weight of evidence, information value and divergences of a binned variable."""
    inputs = _columns(vector["inputs"])
    good, event = _counts(inputs)
    table = measures.bin_measures(good, event)
    counts = good + event
    got = {
        "woe": (_sign(inputs.get("woe_convention")) * table.woe).tolist(),
        "iv_by_bin": table.iv_by_bin.tolist(),
        "iv": table.iv,
        "js_by_bin": table.js_by_bin.tolist(),
        "js": table.js,
        "hellinger_by_bin": table.hellinger_by_bin.tolist(),
        "hellinger": table.hellinger,
        "triangular_by_bin": table.triangular_by_bin.tolist(),
        "triangular": table.triangular,
        "gini": table.gini,
        "auc": (table.gini + 1) / 2,
        "ks": table.ks,
        "event_rate": (event / np.maximum(counts, 1)).tolist(),
        "share": (counts / counts.sum()).tolist(),
    }
    return _compare(got, vector["expected"])


_STABILITY = {
    "actual": ("actual_counts", "actual_shares", "actual_pct", "current", "new", "observed", "test"),
    "expected": ("expected_counts", "expected_shares", "expected_pct", "base", "reference", "train", "development"),
    "bins": _TABLE["bins"],
    "floor": ("min_share", "epsilon", "eps"),
}


def psi(vector: Vector) -> Outcome:
    """Stability index of counts or shares a bin."""
    inputs = canonical(vector["inputs"], _STABILITY)
    actual, expected = ([number(value) for value in inputs[name]] for name in ("actual", "expected"))
    floor = number(inputs.get("floor", measures.PSI_FLOOR))
    terms = measures.psi_by_bin(actual, expected, floor=floor)
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
    edges = [-np.inf, *cuts, np.inf]
    now, then = (np.append(np.histogram(x, edges)[0], np.isnan(x).sum()) for x in (made[actual], made[base]))
    kept = (now + then) > 0
    return compare_named({"psi": measures.psi(now[kept], then[kept])}, vector["expected"])


KINDS: dict[str, Callable[[Vector], Outcome]] = {
    "woe_iv": woe_iv,
    "psi": psi,
    "woe_scalar": woe_scalar,
    "ks_auc": ks_auc,
    "psi_gen": psi_gen,
}
