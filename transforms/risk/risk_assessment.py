"""How risky a promise from each customer is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import polars as pl

from transforms.risk.earlier_assessment import earlier_score, held_score
from transforms.risk.scorecard import GRADES, Scorecard, Variable, points_column, with_points
from transforms.risk.strategy import need_class, strategy_cell

if TYPE_CHECKING:
    from datetime import date

    from polars.datatypes import DataType, DataTypeClass

    from transforms.policy.policy import Policy
    from transforms.policy.sections import Hysteresis
    from transforms.policy.sections_risk import CoObligors, Strategy


@dataclass(frozen=True)
class GradeInputs:
    """Inputs of the night's grade other than the profile; a customer missing from a frame has none there.

    `earlier`: (customer_token, points) of `risk.earlier_assessment`; `notches`: (customer_token, note_notch);
    `co_obligors`: (customer_token, co_obligor_cnt) of those the policy lets count; `over_debt`: (customer_token,
    over_debt_action); `cutoff_shift_points`: the market overlay of the night.
    """

    hysteresis: Hysteresis | None = None
    strategy: Strategy | None = None
    earlier: pl.DataFrame | None = None
    notches: pl.DataFrame | None = None
    co_obligors: pl.DataFrame | None = None
    over_debt: pl.DataFrame | None = None
    cutoff_shift_points: int = 0

    @classmethod
    def as_published(cls, assessment: pl.DataFrame, policy: Policy) -> Self:
        """What bore on a published assessment but the score a cooldown ago, which was another scorecard's."""
        shift = assessment["cutoff_shift_points"].max()
        return cls(
            hysteresis=policy.hysteresis,
            strategy=policy.strategy,
            notches=assessment.select("customer_token", "note_notch"),
            co_obligors=assessment.select("customer_token", "co_obligor_cnt"),
            over_debt=assessment.select("customer_token", "over_debt_action"),
            cutoff_shift_points=shift if isinstance(shift, int) else 0,
        )


def grade_inputs(
    policy: Policy,
    earlier_assessment: pl.DataFrame,
    note_notches: pl.DataFrame,
    counted_co_obligors: pl.DataFrame,
    over_indebtedness: pl.DataFrame,
    cutoff_shift_points: int,
) -> GradeInputs:
    """Inputs of tonight's grades other than the profile."""
    return GradeInputs(
        hysteresis=policy.hysteresis,
        strategy=policy.strategy,
        earlier=earlier_assessment,
        notches=note_notches,
        co_obligors=counted_co_obligors,
        over_debt=over_indebtedness.rename({"action": "over_debt_action"}),
        cutoff_shift_points=cutoff_shift_points,
    )


def risk_assessment(
    customer_profile: pl.DataFrame, scorecard: Scorecard, as_of: date, grade_inputs: GradeInputs | None = None
) -> pl.DataFrame:
    """`risk.risk_assessment`: one row per customer of `customer_profile` (`profile.customer_profile`), in its order.

    The score is the base points plus the points of each variable, kept within the scale; probability and model grade
    are looked up by score. The held grade follows the held score (decision record 0007), the risk grade is that moved
    by an analyst's notch, the cut-off grade the same after the market's shift of the cut-offs. Ability and willingness
    are the points of their variables within the possible range, so a poor payer with a high income and a willing one
    with none look different. Expected loss is pd x lgd x exposure, rounded up.
    """
    grade_inputs = grade_inputs or GradeInputs()
    scored = with_points(_joined(customer_profile, grade_inputs), scorecard).with_columns(score=scorecard.total())
    graded = _graded(scored, scorecard, grade_inputs)
    lost = _with_loss(graded, scorecard).with_columns(
        ability=_axis(scorecard, "ability"),
        willingness=_axis(scorecard, "willingness"),
        stressed_dsr=scorecard.stress.dsr(),
        capacity_band=scorecard.stress.band(),
        need_class=need_class(grade_inputs.strategy) if grade_inputs.strategy else pl.lit("dormant"),
        review_reasons=_review_reasons(),
    )
    return lost.with_columns(
        as_of_date=pl.lit(as_of, pl.Date),
        model_version=pl.lit(scorecard.version),
        points=pl.concat_list([pl.col(points_column(v)) for v in scorecard.variables]),
        quant_score=scorecard.quant.figure(scorecard.scale.lowest, scorecard.scale.highest),
        strategy_cell=strategy_cell(),
        human_review=pl.col("review_reasons").list.len() > 0,
    )


def counted_co_obligors(co_obligor_latest: pl.DataFrame, co_obligors_policy: CoObligors, as_of: date) -> pl.DataFrame:
    """(customer_token, co_obligor_cnt) from the records of `bank.co_obligor` in force on the night.

    Only a signed, running agreement in a role the policy counts, for at least the share it asks, is one; who knows
    whom is nothing.
    """
    share = (pl.col("liability_share").cast(pl.Float64) * 10_000).round()
    counts = (
        (pl.col("status") == "active")
        & (pl.col("signed_on") <= as_of)
        & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= as_of))
        & pl.col("role").is_in(co_obligors_policy.counted_roles)
        & (share >= co_obligors_policy.least_share_bp)
    )
    return co_obligor_latest.filter(counts).group_by("customer_token").agg(co_obligor_cnt=pl.len().cast(pl.Int32))


def _joined(profile: pl.DataFrame, inputs: GradeInputs) -> pl.DataFrame:
    """The profile joined with the grade inputs of each customer; NULL where a frame has none."""
    empty: dict[str, tuple[pl.DataFrame | None, DataType | DataTypeClass]] = {
        "note_notch": (inputs.notches, pl.Int16),
        "co_obligor_cnt": (inputs.co_obligors, pl.Int32),
        "over_debt_action": (inputs.over_debt, pl.String),
        "earlier_points": (
            None if inputs.earlier is None else inputs.earlier.select("customer_token", earlier_points="points"),
            pl.List(pl.Int32),
        ),
    }
    joined = profile
    for name, (frame, type_) in empty.items():
        if frame is None:
            joined = joined.with_columns(pl.lit(None, dtype=type_).alias(name))
        else:
            joined = joined.join(
                frame.select("customer_token", name), on="customer_token", how="left", maintain_order="left"
            )
    return joined.with_columns(
        pl.col("note_notch", "co_obligor_cnt").fill_null(0), pl.col("over_debt_action").fill_null("none")
    )


def _graded(scored: pl.DataFrame, scorecard: Scorecard, inputs: GradeInputs) -> pl.DataFrame:
    """Adds probability and every grade, each from the one before it."""
    band = inputs.hysteresis.exit_band_points if inputs.hysteresis else 0
    table = scorecard.score_table().rename({"risk_grade": "model_grade"})
    shift = inputs.cutoff_shift_points
    return (
        scored.join(table, on="score", how="left", maintain_order="left")
        .with_columns(earlier_score=earlier_score(scorecard), cutoff_shift_points=pl.lit(shift, pl.Int32))
        .with_columns(held_score=held_score(band, scorecard.scale.lowest))
        .with_columns(held_grade=scorecard.grade(pl.col("held_score")))
        .with_columns(
            risk_grade=_moved(pl.col("held_grade"), pl.col("note_notch")),
            cutoff_grade=_moved(scorecard.grade(pl.col("held_score") - shift), pl.col("note_notch")),
        )
    )


def _moved(grade: pl.Expr, notch: pl.Expr) -> pl.Expr:
    """A grade moved by so many (+1: one worse), staying within the scale."""
    place = grade.replace_strict({g: i for i, g in enumerate(GRADES)}, return_dtype=pl.Int64) + notch
    return place.clip(0, len(GRADES) - 1).replace_strict(dict(enumerate(GRADES)), return_dtype=pl.String)


def _with_loss(frame: pl.DataFrame, scorecard: Scorecard) -> pl.DataFrame:
    """Adds exposure, loss given default (weighted by exposure; of a plan where there is none) and expected loss."""
    exposures, guaranteed = scorecard.loss.exposures(), pl.col("co_obligor_cnt") > 0
    lost = [amount * scorecard.loss.lgd(kind, guaranteed=guaranteed) for kind, amount in exposures.items()]
    with_exposure = frame.with_columns(ead_cents=pl.sum_horizontal(list(exposures.values())), lost=sum(lost, pl.lit(0)))
    owed = pl.col("ead_cents") > 0
    return with_exposure.with_columns(
        lgd=pl.when(owed)
        .then(pl.col("lost") / pl.col("ead_cents"))
        .otherwise(scorecard.loss.lgd("plan", guaranteed=guaranteed)),
        # A product of fractions can end a hair above the whole cent it stands for.
        el_cents=(pl.col("pd_12m") * pl.col("lost") - 1e-6).ceil().clip(lower_bound=0).cast(pl.Int64),
    )


def _axis(scorecard: Scorecard, axis: str) -> pl.Expr:
    """Points of an axis' variables as 0..100 of their possible range, rounded down; 50 when it has none."""
    variables: list[Variable] = [v for v in scorecard.variables if v.axis == axis]
    least, most = sum(v.range[0] for v in variables), sum(v.range[1] for v in variables)
    if most == least:
        return pl.lit(50, pl.Int32)
    points = pl.sum_horizontal([pl.col(points_column(v)) for v in variables])
    return ((points - least) * 100 // (most - least)).cast(pl.Int32)


def _review_reasons() -> pl.Expr:
    """Why a person must look: old or no credit information is never approved silently; automation refused."""
    conditions = {
        "bureau_stale": pl.col("bureau_status") == "stale",
        "bureau_missing": pl.col("bureau_status").fill_null("missing") == "missing",
        "automated_decision_refused": pl.col("automated_decision_opt_out"),
    }
    listed = [pl.when(condition).then(pl.lit(code)) for code, condition in conditions.items()]
    return pl.concat_list(listed).list.drop_nulls()
