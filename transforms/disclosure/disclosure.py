"""The cost sheet of one plan: principal, every charge, both annual costs, what a breach costs, and that this is all.

Made of an exact schedule and of the charges published for the product, in English and Chinese. What it must say:

* 金规〔2026〕2号: principal; each fee with method, standard and collector; annualised cost of a plan kept as agreed;
  costs of default; no other fees.
* PBOC公告〔2021〕第3号: both annual figures, by the principal actually used.
* 银保监规〔2022〕13号: cost shown as interest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.disclosure.words import BASES, CHARGES, COLLECTORS, Words
from transforms.loans.interest import late_interest_ppm
from transforms.loans.schedule import build_schedule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from transforms.loans.plan import Fee, Plan
    from transforms.loans.schedule import Schedule
    from transforms.policy.sections import DefaultCosts

#: Raised with every change of what the sheet says; a published row names the one it was made for.
TEMPLATE_VERSION = "1"
CATEGORIES = ("normal", "contingent", "paid_by_others")


class DisclosureError(ValueError):
    """What is to be disclosed does not add up to the plan's schedule; nothing may be shown."""


@dataclass(frozen=True)
class Charge:
    """One line of the tariff: what, how, by which standard, who takes (or pays) it.

    The standard is `standard_ppm` millionths of `basis`, or `fixed_cents`, or both. `label` tells fees of one kind
    apart; `said` is the text of how it is charged, where that is not the usual way.
    """

    charge_code: str
    category: str
    standard_ppm: int | None
    basis: str
    collector: str
    citation: str = ""
    fixed_cents: int = 0
    label: str = ""
    said: Words | None = None

    @property
    def name(self) -> Words:
        """What it is called."""
        name = CHARGES[self.charge_code][0]
        return Words(f"{name.en} ({self.label})", f"{name.zh}({self.label})") if self.label else name

    @property
    def method(self) -> Words:
        """How it is charged."""
        return self.said or CHARGES[self.charge_code][1]

    def standard(self) -> Words:
        """The standard in words: a rate and of what, a fixed amount; what costs nothing is free of charge."""
        if self.standard_ppm is None:
            return Words("as agreed in the plan", "以分期合同约定为准")
        fixed = f"{self.fixed_cents // 100:,}.{self.fixed_cents % 100:02d}" if self.fixed_cents else ""
        if self.standard_ppm == 0:
            return Words(fixed or "free of charge", fixed or "免收")
        rate, basis = percent(self.standard_ppm), BASES[self.basis]
        of = f"{rate}{basis.zh}" if self.basis == "year" else f"{basis.zh}的{rate}"
        return Words(f"{rate} {basis.en}{f' and {fixed}' if fixed else ''}", f"{of}{f',另加{fixed}' if fixed else ''}")


@dataclass(frozen=True)
class Terms:
    """What a sheet says beside plan and charges; amounts that others pay in cents.

    `annual_cost` is the figure the policy's regime shows first, to `decimals` of a per cent; `basis` the rules it is
    shown under.
    """

    product_code: str
    product: Words
    currency: str
    apr_simple: float
    apr_irr: float
    annual_cost: float
    decimals: int = 2
    offer_key: str | None = None
    valid_until: date | None = None
    cancel_rule: str = "settle_any_time"
    cooling_off_days: int = 0
    pay_mode: str | None = None
    proof_of_use: bool = False
    merchant_subsidy_cents: int = 0
    fiscal_subsidy_cents: int = 0
    from_rate_card: bool = False
    basis: tuple[str, ...] = ()


@dataclass(frozen=True)
class Disclosure:
    """The sheet: charges with their amounts in cents (None: only if it happens), in order, beside the schedule."""

    plan: Plan
    terms: Terms
    schedule: Schedule
    charges: tuple[tuple[Charge, int | None], ...]

    def of(self, category: str) -> list[tuple[Charge, int | None]]:
        """The charges of one category."""
        return [(charge, cents) for charge, cents in self.charges if charge.category == category]

    @property
    def cost_cents(self) -> int:
        """Interest and fees of a plan kept as agreed: the sum of the normal charges."""
        return sum(cents or 0 for _, cents in self.of("normal"))


def percent(ppm: int, decimals: int = 2) -> str:
    """Millionths as a percentage, exactly, with at least `decimals` places and no zeros beyond."""
    whole, part = divmod(abs(ppm), 10_000)
    digits = f"{part:04d}".rstrip("0").ljust(decimals, "0")
    return f"{'-' if ppm < 0 else ''}{whole}.{digits}%"


def default_charges(costs: DefaultCosts, nominal_ppm: int | None, citations: Mapping[str, str]) -> list[Charge]:
    """What not keeping a plan costs, or ending it early, by the policy's figures; late interest by the plan's rate.

    Without a rate the standard of late interest stays open: it is on each offer.
    """
    late = None if nominal_ppm is None else late_interest_ppm(costs, nominal_ppm)
    lines = [
        Charge("late_interest", "contingent", late, "year", "lender", citations.get("penalty_addon_share_bp", "")),
        Charge(
            "late_fee",
            "contingent",
            costs.late_fee_share_bp * 100,
            "installment",
            "lender",
            citations.get("late_fee_share_bp", ""),
        ),
        Charge(
            "early_settlement_fee",
            "contingent",
            costs.early_settlement_fee_bp * 100,
            "early",
            "lender",
            citations.get("early_settlement_fee_bp", ""),
        ),
    ]
    compound = late if costs.compound_on_arrears else 0
    cited = citations.get("compound_on_arrears", "")
    return [*lines, Charge("compound_interest", "contingent", compound, "year", "lender", cited)]


def disclosed(plan: Plan, terms: Terms, charges: Sequence[Charge]) -> Disclosure:
    """The sheet of `plan` with the amounts of its schedule; `charges` are those of its product.

    DisclosureError where a cost of the schedule has no charge, or the charges do not add up to it to the cent.
    """
    schedule = build_schedule(plan)
    amounts = _amounts(plan, schedule) | {
        ("merchant_subsidy", ""): terms.merchant_subsidy_cents,
        ("fiscal_subsidy", ""): terms.fiscal_subsidy_cents,
    }
    known = {(charge.charge_code, charge.label) for charge in charges}
    if unnamed := [key[0] for key, cents in amounts.items() if cents and key not in known]:
        raise DisclosureError(f"the plan costs {', '.join(unnamed)}, which no charge of {terms.product_code} names")
    lines = [(c, None if c.category == "contingent" else amounts.get((c.charge_code, c.label), 0)) for c in charges]
    shown = [(c, cents) for c, cents in lines if c.category != "paid_by_others" or cents]
    sheet = Disclosure(plan, terms, schedule, tuple(shown))
    if sheet.cost_cents != schedule.cost_cents:
        raise DisclosureError(
            f"charges of {sheet.cost_cents} cents are disclosed, the schedule costs {schedule.cost_cents}"
        )
    return sheet


def fee_key(fee: Fee) -> tuple[str, str]:
    """(charge code, label) of a plan's fee: a fee that is not called by its kind keeps its own name as label."""
    code = f"{fee.timing}_fee"
    return code, "" if fee.code in CHARGES else fee.code


def fee_charge(fee: Fee) -> Charge:
    """The charge of a plan's fee, by its own standard and collector."""
    code, label = fee_key(fee)
    basis = "amount_each" if fee.timing == "periodic" else "amount"
    collector = fee.collector if fee.collector in COLLECTORS else "lender"
    return Charge(code, "normal", fee.rate_ppm, basis, collector, fixed_cents=fee.amount_cents, label=label)


def _amounts(plan: Plan, schedule: Schedule) -> dict[tuple[str, str], int]:
    """Total of each charge of a plan kept as agreed, cents, by code and label."""
    times = {"upfront": 1, "financed": 1, "periodic": len(schedule.installments), "final": 1}
    found = {("interest", ""): schedule.interest_cents}
    for fee in plan.fees:
        key = fee_key(fee)
        found[key] = found.get(key, 0) + fee.cents(plan.lent_cents) * times[fee.timing]
    return found
