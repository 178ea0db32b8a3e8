"""Reconciliation of a delivery with its manifest: files, columns, row count, control sums, readable lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.results import CheckResult, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from warehouse.contract import Contract, Severity
    from warehouse.deliveries import Delivery, FileProblem
    from warehouse.reading import Reading

#: How the verdict on a delivery that did not come begins.
NOT_DELIVERED = "no delivery for"

#: Says which optional columns were read as empty and which unknown ones were left out; stops nothing.
COLUMNS_AS_DECLARED = "columns_as_declared"

#: Codes and words of the checks on a delivery as a whole, in the order they are made.
DELIVERY_RULES: dict[str, str] = {
    "delivery_there": "the delivery of the business date is there and its manifest can be read",
    "file_digest": "every file has the SHA-256 its manifest says",
    "file_readable": "every file can be read as what its name says",
    "columns_present": "every column that the contract requires is there",
    COLUMNS_AS_DECLARED: "every other column of the contract is there too, and none beside them",
    "row_count": "read rows and unreadable lines are as many as the manifest says",
    "control_sum": "each control sum is the one of the manifest",
    "unreadable_share": "unreadable lines are within what the contract allows",
}


_LONGEST_NAME = 63


def nothing_delivered(contract: Contract, business_date: date, root: str) -> list[CheckResult]:
    """Verdict on a date for which nothing came; a feed declared optional only warns."""
    detail = f"{NOT_DELIVERED} {business_date} under {root}/{contract.schema}/{contract.table}"
    optional = contract.properties.get("delivery") == "optional"
    return [_failed(contract, "delivery_there", detail, severity="warning" if optional else "error")]


def reconcile_files(contract: Contract, delivery: Delivery, problems: Iterable[FileProblem]) -> list[CheckResult]:
    """Verdicts that need no row: manifest and digests."""
    if delivery.unreadable is not None:
        return [_failed(contract, "delivery_there", f"{delivery.label}: {delivery.unreadable}")]
    results = [_held(contract, "delivery_there", delivery.row_count)]
    if broken := [f"{p.file} {p.problem}" for p in problems]:
        return [*results, _failed(contract, "file_digest", f"{delivery.label}: {', '.join(broken)}")]
    return [*results, _held(contract, "file_digest", delivery.row_count)]


def file_unreadable(contract: Contract, delivery: Delivery, problem: str) -> CheckResult:
    """Verdict on a file that cannot be read at all."""
    return _failed(contract, "file_readable", f"{delivery.label}: {problem}")


def reconcile_rows(contract: Contract, delivery: Delivery, reading: Reading) -> list[CheckResult]:
    """Verdicts on the rows read, against the manifest."""
    rows = reading.rows + reading.unreadable_lines
    results = [_held(contract, "file_readable", rows)]
    if reading.missing_columns:
        detail = f"{delivery.label}: {_files(delivery)} lacks {', '.join(reading.missing_columns)}"
        return [*results, _failed(contract, "columns_present", detail)]
    results.append(_held(contract, "columns_present", rows))
    if differing := _other_columns(reading):
        detail = f"{delivery.label}: {_files(delivery)} {differing}"
        results.append(_failed(contract, COLUMNS_AS_DECLARED, detail, severity="warning"))
    else:
        results.append(_held(contract, COLUMNS_AS_DECLARED, rows, severity="warning"))
    if rows == delivery.row_count:
        results.append(_held(contract, "row_count", rows))
    else:
        detail = f"{delivery.label}: {_files(delivery)} has {rows} rows, the manifest says {delivery.row_count}"
        results.append(_failed(contract, "row_count", detail))
    # A column that no file has sums to nothing, and its manifest need not say so.
    expected = dict.fromkeys(reading.absent_columns, 0) | dict(delivery.control_sums or {})
    wrong = [c for c, total in reading.control_sums.items() if expected.get(c) != total]
    if wrong:
        sums = "; ".join(f"{c} sums to {reading.control_sums[c]}, the manifest says {expected.get(c)}" for c in wrong)
        results.append(_failed(contract, "control_sum", f"{delivery.label}: {_files(delivery)}: {sums}"))
    else:
        results.append(_held(contract, "control_sum", rows))
    allowed = float(contract.properties.get("maxBadShare", 0.0))
    results.append(
        CheckResult(
            contract.name,
            "unreadable_share",
            within(reading.unreadable_lines, rows, allowed),
            "error",
            rows,
            reading.unreadable_lines,
            allowed,
            DELIVERY_RULES["unreadable_share"],
        )
    )
    return results


def _other_columns(reading: Reading) -> str:
    parts = []
    if reading.absent_columns:
        parts.append(f"lacks {', '.join(reading.absent_columns)}: read as empty")
    if reading.unknown_columns:
        names = column_names(reading.unknown_columns)
        parts.append(f"has columns that the contract does not know, which were left out: {names}")
    return "; ".join(parts)


def column_names(columns: Sequence[str]) -> str:
    """Unknown columns in words: a file without a header has a row in its place, so only names are repeated."""
    names = [c for c in columns if c.isidentifier() and len(c) <= _LONGEST_NAME]
    others = len(columns) - len(names)
    return ", ".join([*names, *([f"{others} that have no proper name"] if others else [])])


def _files(delivery: Delivery) -> str:
    return ", ".join(f.path.name for f in delivery.files) or "no file"


def _held(contract: Contract, rule: str, rows: int, severity: Severity = "error") -> CheckResult:
    return CheckResult(
        contract.name,
        rule,
        passed=True,
        severity=severity,
        rows=rows,
        bad_rows=0,
        max_bad_share=0.0,
        description=DELIVERY_RULES[rule],
    )


def _failed(contract: Contract, rule: str, detail: str, severity: Severity = "error") -> CheckResult:
    return CheckResult(
        contract.name,
        rule,
        passed=False,
        severity=severity,
        rows=0,
        bad_rows=0,
        max_bad_share=0.0,
        description=DELIVERY_RULES[rule],
        detail=detail,
    )
