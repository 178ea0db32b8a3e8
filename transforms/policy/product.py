"""The product catalogue: effective-dated products read from a mapping (a TOML file), and what a policy lets through."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, get_type_hints

from transforms.policy.conventions import Conventions  # noqa: TC001 - read by get_type_hints
from transforms.policy.product_conventions import convention_row, read_conventions
from transforms.policy.read import refuse_unknown
from transforms.policy.rules import PolicyError, check_code, nearest
from transforms.policy.sections import LENDER_TYPES, PRODUCT_KINDS, PURPOSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from transforms.policy.policy import Policy

REPAY_METHODS = ("ANNUITY", "EQ_PRIN", "INT_FIRST", "INTEREST_FREE", "BALLOON", "STEP_UP", "STEP_DOWN", "FLAT")
PLAN_TYPES = ("standard", "interest_free", "low_interest", "mortgage_style")
CHANNELS = ("card", "wallet", "virtual_card", "app", "checkout", "branch")
#: Who takes a fee; it counts in the annual cost whoever that is.
COLLECTORS = ("lender", "guarantor", "merchant", "platform")
#: What ends a plan early, besides settling it: see :mod:`transforms.disclosure.cancellation`.
CANCEL_RULES = ("settle_any_time", "goods_returned", "service_stops", "trip_cancelled")
#: Which merchants may be paid: any, an active partner, or one on the whitelist (see :class:`Providers`).
PROVIDER_RULES = ("none", "active", "whitelisted")
#: An amount from which on something is required; below zero it never is.
NEVER = -1

_BLOCK = ("effective_from", "purposes", "providers", "conventions", "products", "withdraw")

#: Most offers a customer can have in a night.
MAX_OFFERS = 24


@dataclass(frozen=True)
class Product:
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

    product_code: str
    name_en: str
    name_zh: str
    kind: str
    plan_type: str
    lender_types: tuple[str, ...]
    purpose_codes: tuple[str, ...]
    repay_methods: tuple[str, ...]
    terms_m: tuple[int, ...]
    offered: tuple[tuple[str, int], ...]
    channels: tuple[str, ...]
    min_amount_cents: int
    max_amount_cents: int
    upfront_fee_bp: int
    rate_addon_bp: int
    needs_merchant: bool
    needs_subsidy: bool
    subsidy_bp_per_m: int
    periodic_fee_bp: int
    fee_collector: str
    service_m: int
    cancel_rule: str
    cooling_off_days: int
    provider_rule: str
    entrusted_from_cents: int
    proof_from_cents: int
    down_payment_bp: int
    balloon_bp: int
    step_bp: int
    conventions: Conventions
    effective_from: date


@dataclass(frozen=True)
class Providers:
    """Who may be paid; merchants of `barred_categories` never.

    A whitelisted provider is active, sells for the plan's purpose, has been a partner for `min_days`, and is on
    `whitelist` where that lists the purpose.
    """

    min_days: int
    barred_categories: tuple[str, ...]
    whitelist: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Catalogue:
    """The products in force from `effective_from`, by code; `purposes` maps a category to its purpose."""

    effective_from: date
    products: tuple[Product, ...]
    purposes: Mapping[str, str]
    providers: Providers
    digest: str

    def under(self, policy: Policy) -> tuple[Product, ...]:
        """What a lender under `policy` may sell: its kinds, purposes, terms and amounts cut to the policy's limits.

        Without a provider to pay, no amount is above what may be paid to the customer. A low-interest product is sold
        while a fiscal subsidy covers its kind, up to the amount whose subsidy of a year is within the yearly most.

        PolicyError unless the policy's reference product is among it, as an annuity, from the policy's smallest
        amount on: limits are measured on it, so whoever has a limit can be offered it.
        """
        allowed = []
        for product in self.products:
            limit = policy.kinds[product.kind]
            longest = limit.max_term_m
            if product.plan_type == "interest_free":
                longest = min(longest, policy.interest_free.max_term_m)
            terms = tuple(t for t in product.terms_m if t <= longest)
            purposes = tuple(p for p in product.purpose_codes if p not in policy.purposes.barred)
            most = min(product.max_amount_cents, limit.max_amount_cents, _most_paid_out(product, policy))
            longest_of = {m: method_limit_m(product, m, policy) for m in product.repay_methods}
            methods = tuple(m for m in product.repay_methods if terms and longest_of[m] >= min(terms))
            if policy.lender_type not in product.lender_types or not limit.allowed or not (methods and purposes):
                continue
            if most >= product.min_amount_cents:
                offered = tuple(o for o in product.offered if o[1] in terms and o[1] <= longest_of[o[0]])
                allowed.append(
                    replace(
                        product,
                        terms_m=terms,
                        repay_methods=methods,
                        purpose_codes=purposes,
                        offered=offered,
                        max_amount_cents=most,
                    )
                )
        named = policy.amounts.reference_product
        reference = next((p for p in allowed if p.product_code == named), None)
        if reference is None or "ANNUITY" not in reference.repay_methods or reference.needs_merchant:
            raise PolicyError(
                f"{policy.policy_id}: amounts.reference_product {named!r} is not a plain annuity sold here"
            )
        if reference.min_amount_cents > policy.amounts.minimum_cents:
            raise PolicyError(f"{policy.policy_id}: amounts.minimum_cents is below the smallest plan of {named!r}")
        return tuple(allowed)


def method_limit_m(product: Product, method: str, policy: Policy) -> int:
    """Longest term in months of a repayment method under `policy`; 0 where it puts off more than is allowed."""
    limits = policy.methods
    if method == "INT_FIRST":
        return limits.int_first_max_term_m
    if method == "BALLOON":
        return limits.balloon_max_term_m if product.balloon_bp <= limits.balloon_max_bp else 0
    if method in {"STEP_UP", "STEP_DOWN"}:
        return limits.step_max_term_m if product.step_bp <= limits.step_max_bp else 0
    return max(product.terms_m)


def _most_paid_out(product: Product, policy: Policy) -> int:
    """The highest amount in cents that payout and subsidy allow; 0 where the subsidy the product needs is not paid."""
    most = [product.max_amount_cents]
    if policy.payout.self_paid_max_cents and not product.needs_merchant:
        most.append(policy.payout.self_paid_max_cents)
    if product.plan_type == "low_interest":
        subsidy = policy.subsidy
        covered = product.kind == "consumption_loan" or (
            product.kind == "card_installment" and subsidy.covers_card_installment
        )
        if not subsidy.rate_bp or not covered:
            return 0
        most.append(subsidy.yearly_max_cents * 10_000 // subsidy.rate_bp)
    return min(most)


@dataclass(frozen=True)
class ProductBook:
    """All versions of the catalogue, oldest first."""

    source: str
    versions: tuple[Catalogue, ...]

    def in_force(self, on: date) -> Catalogue:
        """The catalogue in force on `on`; PolicyError naming the earliest date when there is none yet."""
        standing = [c for c in self.versions if c.effective_from <= on]
        if not standing:
            earliest = self.versions[0].effective_from
            raise PolicyError(f"{self.source}: no catalogue is in force on {on}; the earliest is of {earliest}")
        return standing[-1]

    def conventions(self) -> dict[str, tuple[tuple[date, Conventions], ...]]:
        """Per product ever sold, how its contracts reckon from each version of the catalogue on that has it."""
        found: dict[str, list[tuple[date, Conventions]]] = {}
        for catalogue in self.versions:
            for product in catalogue.products:
                found.setdefault(product.product_code, []).append((catalogue.effective_from, product.conventions))
        return {code: tuple(versions) for code, versions in found.items()}


def parse_products(document: Mapping[str, Any], *, source: str) -> ProductBook:
    """Every version of the catalogue, checked; PolicyError names file, version, product, field and what exists."""
    refuse_unknown(document, ("catalogue_id", "version"), source)
    blocks = document.get("version")
    if not isinstance(blocks, list) or not blocks:
        raise PolicyError(f"{source}: at least one [[version]] block is needed")
    raw: dict[str, dict[str, Any]] = {}
    purposes: dict[str, str] = {}
    named: dict[str, dict[str, Any]] = {}
    providers = Providers(0, (), {})
    versions: list[Catalogue] = []
    for block in blocks:
        since = block.get("effective_from")
        if not isinstance(since, date) or isinstance(since, datetime):
            raise PolicyError(f"{source}: a [[version]] block has no effective_from date")
        where = f"{source}: version {since}"
        if versions and since <= versions[-1].effective_from:
            raise PolicyError(f"{where} stands after {versions[-1].effective_from}; versions go from old to new")
        refuse_unknown(block, _BLOCK, where)
        named |= block.get("conventions", {})
        sets = {name: read_conventions(raw_set, f"{where}: [conventions.{name}]") for name, raw_set in named.items()}
        for code in block.get("withdraw", ()):
            if raw.pop(code, None) is None:
                raise PolicyError(f"{where}: withdraw: there is no product {code!r}{nearest(str(code), raw)}")
        for code, change in block.get("products", {}).items():
            check_code(code, f"{where}: product {code}")
            raw[code] = {**raw.get(code, {}), **change, "effective_from": since}
        if "purposes" in block:
            refuse_unknown(block["purposes"], PURPOSES, f"{where}: [purposes]")
            purposes = {category: purpose for purpose, many in block["purposes"].items() for category in many}
        if "providers" in block:
            providers = _providers(block["providers"], f"{where}: [providers]")
        products = tuple(_product(code, fields_, sets, where) for code, fields_ in sorted(raw.items()))
        _check_bound(products, where)
        digest = _digest(since, {"products": raw, "purposes": purposes, "conventions": named}, providers)
        versions.append(Catalogue(since, products, dict(purposes), providers, digest))
    return ProductBook(source, tuple(versions))


def _providers(raw: Mapping[str, Any], where: str) -> Providers:
    refuse_unknown(raw, ("min_days", "barred_categories", "whitelist"), where)
    days, barred, listed = raw.get("min_days"), raw.get("barred_categories"), raw.get("whitelist", {})
    if type(days) is not int or days < 0 or not isinstance(barred, list):
        raise PolicyError(f"{where}: min_days must be a number of days and barred_categories a list")
    refuse_unknown(listed, PURPOSES, f"{where}.whitelist")
    return Providers(days, tuple(barred), {purpose: tuple(many) for purpose, many in listed.items()})


def _product(code: str, raw: Mapping[str, Any], sets: Mapping[str, Conventions], where: str) -> Product:
    where = f"{where}: product {code}"
    names = [f.name for f in fields(Product) if f.name != "product_code"]
    refuse_unknown(raw, names, where)
    hints = get_type_hints(Product)
    values: dict[str, Any] = {}
    for name in names:
        if name not in raw:
            raise PolicyError(f"{where} lacks {name}")
        value = raw[name]
        if hints[name] in (int, bool, str) and type(value) is not hints[name]:
            raise PolicyError(f"{where}: {name} must be {hints[name].__name__}, got {value!r}")
        values[name] = tuple(value) if isinstance(value, list) else value
    offered = values["offered"]
    if not isinstance(offered, dict):
        raise PolicyError(f"{where}: offered is a table of terms per method, as offered = {{ ANNUITY = [3, 12] }}")
    values["offered"] = tuple((method, term) for method, terms in offered.items() for term in terms)
    if values["conventions"] not in sets:
        named = str(values["conventions"])
        raise PolicyError(f"{where}: conventions: {named!r} is not known{nearest(named, sets)}")
    values["conventions"] = sets[values["conventions"]]
    product = Product(product_code=code, **values)
    _check_product(product, where)
    return product


def _check_product(product: Product, where: str) -> None:
    for name, known, given in (
        ("kind", PRODUCT_KINDS, (product.kind,)),
        ("plan_type", PLAN_TYPES, (product.plan_type,)),
        ("lender_types", LENDER_TYPES, product.lender_types),
        ("purpose_codes", PURPOSES, product.purpose_codes),
        ("repay_methods", REPAY_METHODS, product.repay_methods),
        ("channels", CHANNELS, product.channels),
        ("offered", product.repay_methods, [method for method, _ in product.offered]),
        ("fee_collector", COLLECTORS, (product.fee_collector,)),
        ("cancel_rule", CANCEL_RULES, (product.cancel_rule,)),
        ("provider_rule", PROVIDER_RULES, (product.provider_rule,)),
    ):
        _among(given, known, f"{where}: {name}")
    steps = any(method.startswith("STEP") for method in product.repay_methods)
    balloon = "BALLOON" in product.repay_methods
    if balloon != (product.balloon_bp > 0) or steps != (product.step_bp > 0):
        raise PolicyError(f"{where}: balloon_bp and step_bp are above 0 where, and only where, such a method is sold")
    _check_figures(product, where)


def _check_figures(product: Product, where: str) -> None:
    """PolicyError where a product's figures cannot stand together."""
    if not product.channels or not product.purpose_codes or not product.terms_m:
        raise PolicyError(f"{where}: purposes, terms and channels must not be empty")
    if not all(1 <= term <= 84 for term in product.terms_m):
        raise PolicyError(f"{where}: terms_m are between 1 and 84 months")
    if not 0 < product.min_amount_cents <= product.max_amount_cents:
        raise PolicyError(f"{where}: min_amount_cents must be above 0 and not above max_amount_cents")
    if product.service_m and max(product.terms_m) > product.service_m:
        raise PolicyError(f"{where}: no term is longer than the service bought, service_m = {product.service_m}")
    if not 0 <= product.down_payment_bp < 10_000 or min(product.upfront_fee_bp, product.periodic_fee_bp) < 0:
        raise PolicyError(f"{where}: down_payment_bp lies between 0 and 9999, fees are not below 0")
    if not product.needs_merchant and (product.entrusted_from_cents != NEVER or product.provider_rule != "none"):
        raise PolicyError(f"{where}: without a merchant there is nobody to whom entrusted_from_cents could be paid")
    if product.cancel_rule == "service_stops" and not product.service_m:
        raise PolicyError(f"{where}: billing that stops with the service needs its length, service_m")
    free = product.plan_type == "interest_free"
    if free != (product.repay_methods == ("INTEREST_FREE",)) or free != product.needs_subsidy:
        raise PolicyError(f"{where}: an interest-free plan, and only it, repays INTEREST_FREE and needs a subsidy")


def _among(given: Iterable[str], known: Iterable[str], where: str) -> None:
    for item in given:
        if item not in known:
            raise PolicyError(f"{where}: {item!r} is not known{nearest(item, known)}")


def _check_bound(products: tuple[Product, ...], where: str) -> None:
    """Besides what a lender shows unasked there is room for the customer's longest term and for a requested one."""
    shown = max(sum(len(p.offered) for p in products if lender in p.lender_types) for lender in LENDER_TYPES)
    if shown > MAX_OFFERS - 2:
        raise PolicyError(
            f"{where}: {shown} plans are offered unasked; at most {MAX_OFFERS - 2} leave room for the longest term and"
            " a requested one"
        )


def _digest(since: date, said: Mapping[str, Any], providers: Providers) -> str:
    content = {"effective_from": since, **said, "providers": vars(providers)}
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def product(products: Iterable[Product], as_of: date) -> list[dict[str, Any]]:
    """`reference.product`: one row per product sold that night (see :meth:`Catalogue.under`)."""
    return [
        {
            "as_of_date": as_of,
            **vars(sold),
            **convention_row(sold.conventions),
            **{name: None for name in ("entrusted_from_cents", "proof_from_cents") if getattr(sold, name) == NEVER},
        }
        for sold in products
    ]
