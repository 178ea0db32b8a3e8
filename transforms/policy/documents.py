"""What a person who decides can ask a customer for: the documents a review rule may name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Kinds of documents, in the order they are asked for, in English and Chinese.
DOCUMENTS: Mapping[str, tuple[str, str]] = {
    "identity_document": ("a valid identity document", "有效身份证件"),
    "income_proof": ("payslips or income tax records of the last three months", "近三个月工资条或个人所得税记录"),
    "account_statement": ("statements of the salary account of the last six months", "近六个月工资账户流水"),
    "employment_proof": ("a confirmation of employment", "在职证明"),
    "enrolment_proof": ("a confirmation of studies or of their end", "在读或毕业证明"),
    "credit_report": (
        "a credit report not older than a month, or consent to fetch one",
        "近一个月内的征信报告或查询授权",
    ),
    "debt_statement": ("statements of the debts at other lenders", "其他机构负债明细"),
    "late_payment_note": ("a written account of the late payments, with proof", "逾期情况书面说明及证明"),
}
