"""The champion and challengers on a date, from the journal of decisions on models."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Role = Literal["champion", "challenger", "retired"]
MODEL_ID = "application_behaviour_score"
_METRICS = ("train_rows", "train_bads", "auc", "ks", "gini", "calibration_slope", "psi")


class ModelError(ValueError):
    """A decision on a model that cannot be taken; the message says why."""


@dataclass(frozen=True)
class Model:
    """A model on a date: its role, since when, who gave it that and why; `metrics` are those of its registration."""

    version: str
    role: Role
    digest: str
    trained_on: str
    effective_from: date
    decided_by: str
    reason: str
    metrics: Mapping[str, float | int | None] = field(default_factory=dict)
    shipped: bool = False


def models_on(events: Sequence[Mapping[str, Any]], shipped: Model, day: date) -> dict[str, Model]:
    """Every model known on a business date, by version.

    `shipped` is the champion until another is promoted. A decision counts from its date on; of several of one date the
    later in the journal counts. Promoting a model retires the champion before it.
    """
    models = {shipped.version: shipped}
    counted = [e for e in events if date.fromisoformat(e["effective_from"]) <= day]
    for event in sorted(counted, key=lambda e: (e["effective_from"], e["no"])):
        version = event["model_version"]
        decided = {
            "effective_from": date.fromisoformat(event["effective_from"]),
            "decided_by": event["by"],
            "reason": event["reason"],
        }
        if event["event"] == "registered":
            models[version] = Model(
                version=version,
                role="challenger",
                digest=event["digest"],
                trained_on=event["trained_on"],
                metrics=event["metrics"],
                **decided,
            )
        elif event["event"] == "retired":
            models[version] = replace(models[version], role="retired", **decided)
        else:
            former = champion(models)
            models[former.version] = replace(
                former, role="retired", **{**decided, "reason": f"{version} promoted: {event['reason']}"}
            )
            models[version] = replace(models[version], role="champion", **decided)
    return models


def champion(models: Mapping[str, Model]) -> Model:
    """The model that decides."""
    return next(m for m in models.values() if m.role == "champion")


def decision(
    events: Sequence[Mapping[str, Any]],
    shipped: Model,
    *,
    event: Literal["registered", "promoted", "retired"],
    version: str,
    since: date,
    by: str,
    reason: str,
    registration: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A new entry of the journal; ModelError where the state of the models on its date does not permit it.

    `registration` holds digest, trained_on and metrics of a model registered.
    """
    if not by.strip() or not reason.strip():
        raise ModelError("who decides, and why, must be said")
    models = models_on(events, shipped, since)
    if event == "registered":
        if any(e["model_version"] == version for e in events) or version == shipped.version:
            raise ModelError(f"model {version} is registered already")
    elif version not in models:
        known = ", ".join(sorted(models))
        raise ModelError(f"model {version} is not registered by {since}; there are: {known}")
    elif event == "promoted" and models[version].role == "champion":
        raise ModelError(f"model {version} is the champion on {since} already")
    elif event == "retired" and models[version].role != "challenger":
        what = "the champion: promote another" if models[version].role == "champion" else "retired already"
        raise ModelError(f"model {version} is {what}")
    return {
        "no": len(events) + 1,
        "event": event,
        "model_version": version,
        "effective_from": str(since),
        "by": by.strip(),
        "reason": reason.strip(),
        **(registration or {}),
    }


def model(models: Mapping[str, Model], as_of: date) -> list[dict[str, Any]]:
    """`reference.model`: one row per model known on the business date, the champion first."""
    order: dict[Role, int] = {"champion": 0, "challenger": 1, "retired": 2}
    return [
        {
            "as_of_date": as_of,
            "model_id": MODEL_ID,
            "model_version": m.version,
            "role": m.role,
            "artefact_digest": m.digest,
            "trained_on": m.trained_on,
            **{name: m.metrics.get(name) for name in _METRICS},
            "effective_from": None if m.shipped and m.role == "champion" else m.effective_from,
            "decided_by": m.decided_by,
            "reason": m.reason,
        }
        for m in sorted(models.values(), key=lambda m: (order[m.role], m.version))
    ]
