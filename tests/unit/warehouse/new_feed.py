"""A feed that the product does not know, for tests of what a new contract changes: overdrafts of bank accounts."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import warehouse.contract as module
from warehouse.contract import contract_names, load_contract
from warehouse.contract_check import check_contracts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from warehouse.contract import Mistake

NAME = "bank.overdraft"
TEXT = """\
apiVersion: v3.2.0
kind: DataContract
id: fenqi.bank.overdraft
name: overdraft
version: 1.0.0
status: active
domain: bank
description:
  purpose: Days on which an account was overdrawn.
customProperties:
  - {property: role, value: feed}
  - {property: descriptionZh, value: 账户透支}
schema:
  - name: overdraft
    physicalName: bank.overdraft
    physicalType: table
    logicalType: object
    description: Days on which an account was overdrawn.
    dataGranularityDescription: one row per account and day overdrawn
    customProperties:
      - {property: delivery, value: required}
      - {property: history, value: events}
      - {property: eventDate, value: overdrawn_on}
      - {property: maxBadShare, value: 0.05}
      - {property: duplicateWindowDays, value: 7}
    properties:
      - name: overdraft_id
        logicalType: string
        physicalType: VARCHAR
        primaryKey: true
        primaryKeyPosition: 1
        classification: internal
        description: Number of the overdraft.
        customProperties: [{property: descriptionZh, value: 透支编号}]
      - name: customer_id
        logicalType: string
        physicalType: VARCHAR
        required: true
        classification: pseudonym
        description: The account holder.
        customProperties: [{property: descriptionZh, value: 客户号}]
      - name: overdrawn_on
        logicalType: date
        physicalType: DATE
        required: true
        classification: personal
        description: The day.
        customProperties: [{property: descriptionZh, value: 透支日期}]
      - name: overdrawn_cents
        logicalType: integer
        logicalTypeOptions: {minimum: 1}
        physicalType: BIGINT
        required: true
        classification: personal
        description: How far below nil the account stood.
        customProperties:
          - {property: descriptionZh, value: 透支金额}
          - {property: unit, value: cents}
          - {property: controlSum, value: true}
      - name: penalty_rate
        logicalType: number
        logicalTypeOptions: {minimum: 0, maximum: 1}
        physicalType: DECIMAL(9,6)
        classification: personal
        description: Interest asked on it, a year.
        customProperties:
          - {property: descriptionZh, value: 透支利率}
          - {property: unit, value: fraction a year}
      - name: channel
        logicalType: string
        logicalTypeOptions: {maxLength: 8}
        physicalType: VARCHAR
        classification: personal
        enum: [{value: card}, {value: transfer}]
        description: What overdrew it.
        customProperties: [{property: descriptionZh, value: 渠道}]
    quality:
      - name: rate_of_large_ones
        type: sql
        description: a large overdraft has a rate
        severity: error
        mustBe: 0
        query: >-
          SELECT count(*) FROM {object} WHERE overdrawn_cents > 100000 AND penalty_rate IS NULL
      - name: not_all_on_one_day
        type: sql
        description: overdrafts fall on several days
        severity: warning
        mustBe: 0
        query: >-
          SELECT CASE WHEN count(*) > 100 AND count(DISTINCT overdrawn_on) = 1 THEN 1 ELSE 0 END FROM {object}
"""


OUTPUT = "risk.long_overdraft"
#: The same table as an output: none of a feed's properties, its customer a token.
AS_OUTPUT = (
    TEXT.replace("bank.overdraft", OUTPUT)
    .replace("name: overdraft\n", "name: long_overdraft\n")
    .replace("domain: bank", "domain: risk")
    .replace("value: feed", "value: output")
    .replace("customer_id", "customer_token")
    .replace("          - {property: controlSum, value: true}\n", "")
)
_HEAD, _, _REST = AS_OUTPUT.partition("      - {property: delivery")
AS_OUTPUT = _HEAD + "      - {property: partitionBy, value: month}\n" + _REST[_REST.index("    properties:") :]


def written(folder: Path, text: str = TEXT, name: str = NAME) -> Path:
    """The contract's file under a folder of contracts."""
    path = folder / f"{name.replace('.', '/')}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@contextmanager
def new_feed(folder: Path, text: str = TEXT) -> Iterator[None]:
    """The product reads its contracts, and the new one beside them, from a folder of the test's."""
    shipped = module.CONTRACTS
    shutil.copytree(shipped, folder, dirs_exist_ok=True)
    written(folder, text)
    try:
        _read_from(folder)
        yield
    finally:
        _read_from(shipped)


def _read_from(folder: Path) -> None:
    module.CONTRACTS = folder
    load_contract.cache_clear()
    contract_names.cache_clear()


def mistakes_of(folder: Path, text: str, name: str = NAME) -> list[Mistake]:
    path = written(folder, text, name)
    return check_contracts([path])[path]


def assert_said(folder: Path, text: str, change: tuple[str, str], at: str, said: str) -> None:
    """After the change of a good contract a mistake is said, in the line in which `at` stands first."""
    changed = text.replace(*change, 1)
    assert changed != text
    found = mistakes_of(folder, changed, NAME if text is TEXT else OUTPUT)
    line = changed[: changed.index(at)].count("\n") + 1
    assert (line, True) in [(m.line, said in m.message) for m in found], [str(m) for m in found]
