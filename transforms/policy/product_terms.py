"""One product as the catalogue declares it, and who may be paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from transforms.policy.conventions import Conventions
from transforms.policy.mistakes import Code, Day, Flag, PolicyError, Signed, Table, Text, Whole, nearest
from transforms.policy.sections import LenderType, ProductKind, Purpose

RepayMethod = Literal["ANNUITY", "EQ_PRIN", "INT_FIRST", "INTEREST_FREE", "BALLOON", "STEP_UP", "STEP_DOWN", "FLAT"]
PlanType = Literal["standard", "interest_free", "low_interest", "mortgage_style"]
Channel = Literal["card", "wallet", "virtual_card", "app", "checkout", "branch"]
#: Who takes a fee; it counts in the annual cost whoever that is.
Collector = Literal["lender", "guarantor", "merchant", "platform"]
#: What ends a plan early, besides settling it: see :mod:`transforms.disclosure.cancellation`.
CancelRule = Literal["settle_any_time", "goods_returned", "service_stops", "trip_cancelled"]
#: Which merchants may be paid: any, an active partner, or one on the whitelist (see :class:`Providers`).
ProviderRule = Literal["none", "active", "whitelisted"]
REPAY_METHODS: tuple[RepayMethod, ...] = get_args(RepayMethod)
CHANNELS: tuple[Channel, ...] = get_args(Channel)
PROVIDER_RULES: tuple[ProviderRule, ...] = get_args(ProviderRule)
#: An amount from which on something is required; below zero it never is.
NEVER = -1

Term = Annotated[int, Field(strict=True, ge=1, le=84)]
AmountFrom = Annotated[Signed, Field(ge=NEVER)]


def _pairs(offered: object) -> object:
    """(method, term) pairs of a table of terms per method."""
    if not isinstance(offered, dict) or not all(isinstance(terms, list) for terms in offered.values()):
        raise PolicyError("must be a table of terms per method, as offered = { ANNUITY = [3, 12] }")
    return tuple((method, term) for method, terms in offered.items() for term in terms)


def _named(conventions: object, info: ValidationInfo) -> object:
    """The set of conventions of that name."""
    known: Mapping[str, Conventions] = (info.context or {})["conventions"]
    if not isinstance(conventions, str) or conventions not in known:
        raise PolicyError(f"{conventions!r} is not known{nearest(str(conventions), known)}")
    return known[conventions]


@dataclass(frozen=True)
class Product(Table):
    """One product. `offered` is (method, term) pairs shown unasked; all of `repay_methods` x `terms_m` is priced.

    Unasked it is shown for the first of `purpose_codes`; the others answer requests (an interest-free product is shown
    for whatever its merchant sells). `upfront_fee_bp` once and `periodic_fee_bp` with every installment, both of the
    amount, go to `fee_collector`. `subsidy_bp_per_m`: share of the price a merchant must pay for each month of the term
    (interest-free plans). `service_m`: months the service bought runs, and so the longest term (0: not a service).
    BALLOON leaves `balloon_bp` of the principal to the last installment, STEP_UP and STEP_DOWN change it by `step_bp`
    a year. From `entrusted_from_cents` on the amount is paid to the provider's account, from `proof_from_cents` on its
    use is proved (-1: never). `down_payment_bp`: share of the price the customer pays at once. `cooling_off_days`:
    within them the plan is undone without cost. `conventions`: one of the catalogue's named sets.
    """

    product_code: Code
    name_en: Text
    name_zh: Text
    kind: ProductKind
    plan_type: PlanType
    lender_types: tuple[LenderType, ...]
    purpose_codes: Annotated[tuple[Purpose, ...], Field(min_length=1)]
    repay_methods: tuple[RepayMethod, ...]
    terms_m: Annotated[tuple[Term, ...], Field(min_length=1)]
    offered: Annotated[tuple[tuple[RepayMethod, Term], ...], BeforeValidator(_pairs)]
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)]
    min_amount_cents: Annotated[Whole, Field(gt=0)]
    max_amount_cents: Whole
    upfront_fee_bp: Whole
    rate_addon_bp: Signed
    needs_merchant: Flag
    needs_subsidy: Flag
    subsidy_bp_per_m: Whole
    periodic_fee_bp: Whole
    fee_collector: Collector
    service_m: Whole
    cancel_rule: CancelRule
    cooling_off_days: Whole
    provider_rule: ProviderRule
    entrusted_from_cents: AmountFrom
    proof_from_cents: AmountFrom
    down_payment_bp: Annotated[Whole, Field(lt=10_000)]
    balloon_bp: Whole
    step_bp: Whole
    conventions: Annotated[Conventions, BeforeValidator(_named)]
    effective_from: Day


def _together(product: Product) -> Product:
    """PolicyError where a product's figures, each valid by itself, contradict each other."""
    free = product.plan_type == "interest_free"
    steps = any(method.startswith("STEP") for method in product.repay_methods)
    strange = sorted({method for method, _ in product.offered} - set(product.repay_methods))
    wrong = {
        f"offered: {', '.join(strange)} is not among repay_methods, {', '.join(product.repay_methods)}": bool(strange),
        "balloon_bp and step_bp are above 0 where, and only where, such a method is sold": (
            ("BALLOON" in product.repay_methods) != (product.balloon_bp > 0) or steps != (product.step_bp > 0)
        ),
        "min_amount_cents must not be above max_amount_cents": product.min_amount_cents > product.max_amount_cents,
        f"no term is longer than the service bought, service_m = {product.service_m}": (
            0 < product.service_m < max(product.terms_m)
        ),
        "without a merchant there is nobody to whom entrusted_from_cents could be paid": not product.needs_merchant
        and (product.entrusted_from_cents != NEVER or product.provider_rule != "none"),
        "billing that stops with the service needs its length, service_m": (
            product.cancel_rule == "service_stops" and not product.service_m
        ),
        "an interest-free plan, and only it, repays INTEREST_FREE and needs a subsidy": (
            free != (product.repay_methods == ("INTEREST_FREE",)) or free != product.needs_subsidy
        ),
    }
    if mistakes := [text for text, is_wrong in wrong.items() if is_wrong]:
        raise PolicyError(*mistakes)
    return product


SoundProduct = Annotated[Product, AfterValidator(_together)]


@dataclass(frozen=True)
class Providers(Table):
    """Who may be paid; merchants of `barred_categories` never.

    A whitelisted provider is active, sells for the plan's purpose, has been a partner for `min_days`, and is on
    `whitelist` where that lists the purpose.
    """

    min_days: Whole
    barred_categories: tuple[Text, ...]
    whitelist: Mapping[Purpose, tuple[Text, ...]] = field(default_factory=dict)
