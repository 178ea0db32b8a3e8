"""The product catalogue: effective-dated products read from a mapping (a TOML file), and what a policy permits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from transforms.policy.conventions import Conventions
from transforms.policy.mistakes import (
    Code,
    Day,
    Mistakes,
    PolicyError,
    Table,
    Text,
    nearest,
    verdict,
)
from transforms.policy.product_terms import (
    CHANNELS,
    NEVER,
    PROVIDER_RULES,
    REPAY_METHODS,
    Product,
    Providers,
    SoundProduct,
)
from transforms.policy.sections import LENDER_TYPES, Purpose

if TYPE_CHECKING:
    from transforms.policy.policy import Policy

#: Fields of a product that are not written among its own.
_IMPLIED = ("product_code", "effective_from")
#: Most offers a customer can have in a night.
MAX_OFFERS = 24


@dataclass(frozen=True)
class CatalogueFile(Table):
    """The catalogue as a file: its `[[version]]` blocks."""

    version: Annotated[tuple[dict[str, Any], ...], Field(min_length=1)]
    catalogue_id: Text = ""


@dataclass(frozen=True)
class CatalogueVersion(Table):
    """A `[[version]]` block as written: what changes on its date."""

    effective_from: Day
    purposes: Mapping[Purpose, tuple[Text, ...]] | None = None
    providers: Providers | None = None
    conventions: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    products: Mapping[Code, dict[str, Any]] = field(default_factory=dict)
    withdraw: tuple[Text, ...] = ()


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
    """Every version of the catalogue, checked.

    PolicyError holds every mistake of the file, each once, with file, version, product, field and what exists.
    """
    mistakes = Mistakes(source)
    mistakes.read(CatalogueFile, document, "")
    parser = _Parser(mistakes)
    blocks = document.get("version")
    for block in blocks if isinstance(blocks, list) else []:
        if isinstance(block, dict):
            parser.version(block)
    mistakes.refuse()
    return ProductBook(source, tuple(parser.versions))


class _Parser:
    """The versions read so far, with the state after them as written."""

    def __init__(self, mistakes: Mistakes) -> None:
        self.versions: list[Catalogue] = []
        self._mistakes = mistakes
        self._latest: date | None = None
        self._most_shown = 0
        self._products: dict[str, dict[str, Any]] = {}
        self._conventions: dict[str, dict[str, Any]] = {}
        self._purposes: dict[str, str] = {}
        self._providers = Providers(0, ())

    def version(self, block: Mapping[str, Any]) -> None:
        """Overlay one `[[version]]` block on the state so far, and validate the whole."""
        where = f"version {block.get('effective_from')}"
        read = self._mistakes.read(CatalogueVersion, block, where)
        given = block.get("effective_from")
        since = given if type(given) is date else self._latest or date.max
        if since is given and self._latest is not None and since <= self._latest:
            self._mistakes.add(where, f"stands after {self._latest}; versions go from old to new")
        self._latest = since if since is given else self._latest
        if read is not None and read.purposes is not None:
            self._purposes = {category: purpose for purpose, many in read.purposes.items() for category in many}
        if read is not None and read.providers is not None:
            self._providers = read.providers
        self._conventions |= _tables(block, "conventions")
        sets = {name: self._set(name, raw, where) for name, raw in self._conventions.items()}
        for code in read.withdraw if read is not None else ():
            if self._products.pop(code, None) is None:
                self._mistakes.add(where, f"withdraw: there is no product {code!r}{nearest(code, self._products)}")
        for code, change in _tables(block, "products").items():
            texts = (
                f"product {code}: {key!r} is said by its table and its version" for key in _IMPLIED if key in change
            )
            self._mistakes.add(where, *texts)
            self._products[code] = {**self._products.get(code, {}), **change, "effective_from": since}
        products = tuple(self._product(code, raw, sets, where) for code, raw in sorted(self._products.items()))
        if read is None or None in products:
            return
        sold = tuple(p for p in products if p is not None)
        self._check_bound(sold, where)
        said = {"products": self._products, "purposes": self._purposes, "conventions": self._conventions}
        digest = _digest(read.effective_from, said, self._providers)
        self.versions.append(Catalogue(read.effective_from, sold, dict(self._purposes), self._providers, digest))

    def _set(self, name: str, raw: Mapping[str, Any], where: str) -> Conventions:
        """The conventions of that name, every field given; the usual ones in the place of wrong ones."""
        lacking = [f.name for f in fields(Conventions) if f.name not in raw]
        read, wrong = verdict(Conventions, raw)
        texts = [f"[conventions.{name}] lacks {', '.join(lacking)}"] if lacking else []
        self._mistakes.add(where, *texts, *(f"[conventions.{name}]: {m.text}" for m in wrong), since=("set", name))
        return read or Conventions()

    def _product(
        self, code: str, raw: Mapping[str, Any], sets: Mapping[str, Conventions], where: str
    ) -> Product | None:
        read, wrong = verdict(SoundProduct, {**raw, "product_code": code}, context={"conventions": sets})
        texts = (f"product {code}: {m.text}" for m in wrong)
        self._mistakes.add(where, *texts, since=("product", raw["effective_from"]))
        return read

    def _check_bound(self, products: tuple[Product, ...], where: str) -> None:
        """Besides what a lender shows unasked there is room for the longest term and for a requested one."""
        shown = max(sum(len(p.offered) for p in products if lender in p.lender_types) for lender in LENDER_TYPES)
        if shown > max(self._most_shown, MAX_OFFERS - 2):
            self._mistakes.add(
                where,
                f"{shown} plans are offered unasked; at most {MAX_OFFERS - 2} leave room for the longest term and a"
                " requested one",
            )
        self._most_shown = max(shown, self._most_shown)


def _tables(block: Mapping[str, Any], key: str) -> dict[str, dict[str, Any]]:
    """The tables under a key, those of a wrong form left out."""
    listed = block.get(key)
    named = listed.items() if isinstance(listed, dict) else ()
    return {str(name): table for name, table in named if isinstance(table, dict)}


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
            **vars(sold.conventions),
            "interest_basis": str(sold.conventions.interest_basis),
            "first_due_min_days": sold.conventions.first_due_days[0],
            "first_due_max_days": sold.conventions.first_due_days[1],
            **{name: None for name in ("entrusted_from_cents", "proof_from_cents") if getattr(sold, name) == NEVER},
        }
        for sold in products
    ]


__all__ = [
    "CHANNELS",
    "MAX_OFFERS",
    "PROVIDER_RULES",
    "REPAY_METHODS",
    "Catalogue",
    "Product",
    "ProductBook",
    "method_limit_m",
    "parse_products",
    "product",
]
