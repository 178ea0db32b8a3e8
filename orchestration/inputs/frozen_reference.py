"""The frozen reference of a model: where it lies, reading it for a night, and freezing one from a published night."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from transforms.monitoring.reference import Reference, parse_reference, tenths
from transforms.monitoring.score_bins import SCORE, variable_bins
from warehouse.lake import Lake
from warehouse.reference import read_document

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from transforms.risk.scorecard import Scorecard
    from warehouse.settings import Settings


def reference_path(settings: Settings, scorecard: Scorecard) -> Path:
    """Where the frozen reference of a scorecard lies."""
    return settings.home / "models" / f"{scorecard.version}.reference.toml"


def frozen_reference(settings: Settings, scorecard: Scorecard, day: date) -> Reference | None:
    """The reference a night of `day` is compared with; None where none had been frozen by then."""
    return _frozen(settings, scorecard, day)[0]


def model_digest(scorecard_digest: str, settings: Settings, scorecard: Scorecard, day: date) -> str:
    """Digest of everything the model is on a night: the scorecard and, once there is one, its frozen reference."""
    reference, digest = _frozen(settings, scorecard, day)
    if reference is None:
        return scorecard_digest
    return hashlib.sha256(f"{scorecard_digest} {digest}".encode()).hexdigest()


def _frozen(settings: Settings, scorecard: Scorecard, day: date) -> tuple[Reference | None, str]:
    path = reference_path(settings, scorecard)
    if not path.is_file():
        return None, ""
    document = read_document(path)
    reference = parse_reference(document.body, scorecard, source=path.name)
    return (reference if reference.holds_on(day) else None), document.digest


def freeze_reference(settings: Settings, scorecard: Scorecard, day: date, reason: str) -> Path:
    """Freeze the customers of the night published for `day` as the reference of `scorecard`.

    The score is cut into tenths. Raises ValueError without a reason, without that night, where another model scored it,
    or where a reference is there already (set it aside by hand: nights since were compared with it).
    """
    path = reference_path(settings, scorecard)
    if not reason.strip():
        raise ValueError("a reason is needed: it is kept in the file for those who ask why this night")
    if path.exists():
        raise ValueError(f"{path} is there already; move it away first, nights published since were held against it")
    with Lake.open(settings, read_only=True) as lake:
        scores = lake.con.execute(
            "SELECT score FROM lake.risk.risk_assessment WHERE as_of_date = ? AND model_version = ?",
            [day, scorecard.version],
        ).fetchall()
        if not scores:
            raise ValueError(f"no night of {day} scored by {scorecard.version} is published")
        rows = lake.con.execute(
            "SELECT subject, bin_no, customer_cnt FROM lake.monitoring.drift_bin WHERE as_of_date = ?", [day]
        ).fetchall()
    cuts = tenths([int(s) for (s,) in scores])
    counted = {(subject, int(place)): int(n) for subject, place, n in rows}
    counts = {SCORE: [0] * (len(cuts) + 1)}
    for (score,) in scores:
        counts[SCORE][sum(score >= cut for cut in cuts)] += 1
    for variable in scorecard.variables:
        counts[variable.code] = [counted[variable.code, n] for n in range(len(variable_bins(variable)))]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_toml(scorecard.version, day, reason.strip(), cuts, counts), encoding="utf-8")
    return path


def _toml(model: str, day: date, reason: str, cuts: tuple[int, ...], counts: Mapping[str, list[int]]) -> str:
    escaped = reason.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    head = [f'model_version = "{model}"', f"frozen_on = {day}", f'reason = "{escaped}"', "", f"[{SCORE}]"]
    head += [f"cuts = {list(cuts)}", f"counts = {counts[SCORE]}"]
    body = [f"\n[variables.{code}]\ncounts = {found}" for code, found in counts.items() if code != SCORE]
    return "\n".join([*head, *body]) + "\n"
