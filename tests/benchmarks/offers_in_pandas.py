"""The offers of eligible customers in pandas and numpy, as a practised hand writes them: the benchmark's third way.

From the same eligibility rows and the same sold cells to the same offers: choice, amounts, exact prices (the same
vectorised schedules), the bound on breaking, tags, scores, ranks and keys. Requests and instruments are left out, as in
the benchmark's night.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from transforms.decision.plan_break import margin_in_deviations_ppm
from transforms.loans.grid import price_many
from transforms.loans.plan import RepayMethod
from transforms.offers.ranking import PREFERENCES

if TYPE_CHECKING:
    from datetime import date

    from transforms.policy.policy import Policy


def offers_of(people: pd.DataFrame, cells: pd.DataFrame, paying: pd.DataFrame, policy: Policy, night: date) -> Any:
    """One row per offer, by customer and rank; `paying` merchants pay for interest-free plans, best first."""
    people = _steady(people[people["decision"] == "eligible"], policy)
    ordinary = cells[~cells["needs_subsidy"] & (cells["usual"] | cells["longest"])]
    shown = people.merge(ordinary, on="price_grade")
    shown = shown[shown["term_m"] <= shown["max_term_m"]]
    shown = shown[shown["usual"] | (shown["term_m"] == shown["max_term_m"])]
    best = paying.iloc[0]
    free = cells[
        cells["needs_subsidy"]
        & cells["usual"]
        & (cells["purpose_code"] == best["merchant_purpose"])
        & (cells["subsidy_bp"] <= best["share_bp"])
    ]
    given = people.merge(free, on="price_grade")
    given = given[given["term_m"] <= given["max_term_m"]].assign(merchant_id=best["merchant_id"])
    offers = _with_amounts(pd.concat([shown, given], ignore_index=True), policy)
    return _with_keys(_ranked(_priced(offers, policy), policy), policy, night)


def _steady(people: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    s = policy.sustainability
    cv = np.ceil(people["income_cv"] * 10_000).clip(s.income_cv_floor_bp, s.income_cv_cap_bp).astype("int64")
    deviation = (people["income_cents"] * cv + 9_999) // 10_000
    factor = margin_in_deviations_ppm(s.plan_break_max_bp)
    flow = people["free_cash_flow_cents"].clip(lower=0)
    return people.assign(
        deviation=deviation,
        flow=flow,
        savings=people["balance_min_cents_3m"].clip(lower=0),
        steady=flow - (deviation * factor + 999_999) // 1_000_000,
    )


def _with_amounts(offers: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    borne = offers["steady"] + offers["savings"] // offers["term_m"].clip(1, 12)
    bearable = np.minimum(offers["max_payment_cents"], borne)
    financed = (bearable - 4 * offers["term_m"]).mul(1_000_000) // (offers["highest_per_10k"] + 1)
    most = np.minimum.reduce([offers["limit_cents"], offers["product_max_cents"], financed.clip(lower=0)])
    step = policy.amounts.step_cents
    offers = offers.assign(amount_cents=most // step * step)
    return offers[offers["amount_cents"] >= offers["min_amount_cents"]].reset_index(drop=True)


def _priced(offers: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    parts = []
    for (method, _), rows in offers.groupby(["repay_method", "term_m"]):
        prices = price_many(
            rows["amount_cents"].to_numpy(),
            rows["rate_ppm"].to_numpy(),
            rows["term_m"].to_numpy().astype(np.int64),
            RepayMethod(method),
            payment_rounding=policy.pricing.payment_rounding,  # type: ignore[arg-type]  # checked when loaded
        )
        parts.append(
            rows.assign(
                payment_cents=prices.payment_cents,
                last_payment_cents=prices.last_payment_cents,
                total_interest_cents=prices.interest_cents,
            )
        )
    priced = pd.concat(parts)
    each = (priced["amount_cents"] * priced["periodic_fee_bp"] + 5_000) // 10_000
    upfront = (priced["amount_cents"] * priced["upfront_fee_bp"] + 5_000) // 10_000
    priced["payment_cents"] += each
    priced["last_payment_cents"] += each
    priced["total_cost_cents"] = priced["total_interest_cents"] + upfront + each * priced["term_m"]
    priced["merchant_subsidy_cents"] = priced["amount_cents"] * priced["subsidy_bp"] // 10_000
    margin = priced["flow"] + priced["savings"] // priced["term_m"].clip(1, 12)
    margin = (margin - priced[["payment_cents", "last_payment_cents"]].max(axis=1)).astype(float)
    square, variance = margin**2, priced["deviation"].astype(float) ** 2
    share = variance * 10_000 / (square + variance)
    bound = np.where(square * 3 >= variance * 5, share * 4 / 9, share * 4 / 3 - 10_000 / 3)
    priced["p_plan_break_bp"] = np.ceil(bound - 1e-6).clip(0, 10_000)
    return priced


def _ranked(offers: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    o = policy.offers
    amount = offers["amount_cents"]
    offers["cost_per_10k"] = offers["total_cost_cents"] * 1_000_000 // amount
    offers["payment_per_10k"] = offers["payment_cents"] * 1_000_000 // amount
    groups = offers.groupby(["customer_token", "purpose_code"], sort=False)
    best = {
        name: offers[figure] == groups[figure].transform("max" if highest else "min")
        for name, (figure, highest) in PREFERENCES.items()
    }
    served = np.zeros(len(offers), dtype=bool)
    for name, is_best in best.items():
        served |= (is_best & (offers["stated_preference"] == name)).to_numpy()
    cost = offers.groupby("customer_token", sort=False)["cost_per_10k"]
    least, widest = cost.transform("min"), cost.transform("max")
    highest = offers[["payment_cents", "last_payment_cents"]].max(axis=1)
    share = (highest * 10_000 + offers["max_payment_cents"] - 1) // offers["max_payment_cents"]
    spent = amount * offers["cost_ppm"] // 1_000 * (offers["term_m"] + 1) // 24_000
    margin = offers["total_cost_cents"] + offers["merchant_subsidy_cents"] - spent
    offers["is_cheapest"] = best["lowest_total_cost"]
    offers["rank_score"] = (
        (10_000 - (offers["cost_per_10k"] - least) * 10_000 // (widest - least).clip(lower=1)) * o.weight_cost_bp
        + (10_000 - share) * o.weight_payment_bp
        + np.where(served, 6_000, 0) * o.weight_preference_bp
        + (margin * 100_000 // amount).clip(0, 10_000) * o.weight_margin_bp
        + offers["score_market_bp"] * o.weight_market_bp
    ) // 10_000
    order = ["customer_token", "rank_score", "cost_per_10k", "cell"]
    offers = offers.sort_values(order, ascending=[True, False, True, True], kind="stable")
    offers["rank"] = offers.groupby("customer_token", sort=False).cumcount() + 1
    return offers


def _with_keys(offers: pd.DataFrame, policy: Policy, night: date) -> pd.DataFrame:
    text = f"{night.isoformat()}|{policy.version}|"
    joined = (
        offers["customer_token"]
        + "|"
        + offers["cell"].astype(str)
        + "|"
        + offers["amount_cents"].astype(str)
        + "|"
        + offers["merchant_id"].fillna("")
    )
    offers["offer_id"] = [hashlib.blake2b((text + row).encode(), digest_size=16).hexdigest() for row in joined]
    return offers
