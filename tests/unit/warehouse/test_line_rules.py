"""A bank line's text tells what it was; texts as banks print them, none of them made by the simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from warehouse.line_rules import LINE_TYPES, LineRule, LineRuleError, line_type_sql, load_line_rules

if TYPE_CHECKING:
    from pathlib import Path

CREDITS = [
    ("代发工资", "salary"),
    ("工资 2026年3月", "salary"),
    ("薪资转入", "salary"),
    ("XX科技有限公司 奖金", "salary"),
    ("年终奖", "salary"),
    ("劳务报酬", "salary"),
    ("加班费", "salary"),
    ("薪資轉帳", "salary"),
    ("PAYROLL ACME CORP PPD", "salary"),
    ("ACME LTD SALARY MAR", "salary"),
    ("WAGES REF 00231", "salary"),
    ("DIRECT DEP CITY OF AUSTIN", "salary"),
    ("ADP TOTALSOURCE DIRDEP", "salary"),
    ("Mzda za březen", "salary"),
    ("Výplata", "salary"),
    ("UBER BV DRIVER PAYOUT", "salary"),
    ("代发养老金", "pension"),
    ("退休工资", "pension"),
    ("SSA TREAS 310 XXSOC SEC", "pension"),
    ("失业保险金", "benefit"),
    ("住房公积金提取", "benefit"),
    ("UNEMPLOYMENT BENEFIT", "benefit"),
    ("DWP UNIVERSAL CREDIT", "benefit"),
    ("差旅费报销", "refund_in"),
    ("退款-淘宝", "refund_in"),
    ("AMAZON REFUND", "refund_in"),
    ("消费撤销", "refund_in"),
    ("转账退汇", "refund_in"),
    ("IRS TREAS 310 TAX REF", "refund_in"),
    ("结息", "interest_in"),
    ("INTEREST PAID", "interest_in"),
    ("借呗放款", "loan_in"),
    ("贷款发放", "loan_in"),
    ("PERSONAL LOAN PROCEEDS", "loan_in"),
    ("SALARY ADVANCE", "loan_in"),
    ("微信零钱提现", "transfer_in"),
    ("跨行汇款 张某", "transfer_in"),
    ("工资卡转入", "own_transfer_in"),
    ("张三(本人)汇入", "own_transfer_in"),
    ("TRANSFER FROM OWN ACCOUNT 4411", "own_transfer_in"),
    ("上海某某信息技术有限公司", "company_in"),
    ("转账 北京某某科技股份有限公司", "company_in"),
    ("市第三中学", "company_in"),
    ("BGC NORTHWIND TRADERS LTD", "company_in"),
    ("ACH CREDIT CONTOSO INC", "company_in"),
    ("财付通支付科技有限公司 提现", "transfer_in"),
    ("某某消费金融有限公司", "loan_in"),
    ("3月房租 王某", "rent_in"),
    ("TENANT 4B RENT", "rent_in"),
    ("租房补贴", "salary"),
    ("妈妈 生活费", "support_in"),
    ("13TH SALARY", "salary"),
    ("ZELLE FROM J DOE", "transfer_in"),
    ("ATM存款", "cash_deposit"),
    ("CASH DEPOSIT BRANCH 12", "cash_deposit"),
    ("福彩中奖", "gambling"),
    ("SEPA-GUTSCHRIFT LOHN/GEHALT 02/2026", "salary"),
    ("RENTENSERVICE DEUTSCHE POST", "pension"),
    ("UMBUCHUNG EIGENES KONTO", "own_transfer_in"),
    ("REMBOURSEMENT SANTE", "refund_in"),
    ("BONIFICO DA ROSSI S.P.A.", "company_in"),
    ("KUNDSTADT BISTRO", "other_credit"),
    ("理财赎回", "saving"),
    ("MISC", "other_credit"),
]
DEBITS = [
    ("房租", "rent"),
    ("3月租金", "rent"),
    ("MONTHLY RENT FLAT 2B", "rent"),
    ("贷款还款", "debt_service"),
    ("信用卡还款", "debt_service"),
    ("花呗还款", "debt_service"),
    ("财付通-微粒贷", "debt_service"),
    ("京东白条", "debt_service"),
    ("支付宝-借呗", "debt_service"),
    ("房貸扣款", "debt_service"),
    ("LOAN PMT 4471", "debt_service"),
    ("CHASE CREDIT CRD AUTOPAY", "debt_service"),
    ("STUDENT LOAN SVC", "debt_service"),
    ("KLARNA AB", "debt_service"),
    ("Splátka úvěru", "debt_service"),
    ("财付通-拼多多", "card_payment"),
    ("支付宝 某某科技有限公司", "card_payment"),
    ("POS PURCHASE 1123 COFFEE BAR", "card_payment"),
    ("支付宝转账", "transfer_out"),
    ("微信红包", "transfer_out"),
    ("WIRE TRANSFER OUT", "transfer_out"),
    ("ATM取款", "cash_withdrawal"),
    ("CASH WITHDRAWAL HIGH ST", "cash_withdrawal"),
    ("ATM取款手续费", "fee"),
    ("信用卡年费", "fee"),
    ("MONTHLY SERVICE CHARGE", "fee"),
    ("扣款失败手续费", "failed_debit_fee"),
    ("NSF FEE", "failed_debit_fee"),
    ("INSUFFICIENT FUNDS CHARGE", "failed_debit_fee"),
    ("RETURNED ITEM FEE", "failed_debit_fee"),
    ("UNPAID DIRECT DEBIT", "failed_debit_fee"),
    ("扣款失败冲正", "failed_debit_fee"),
    ("冲正 代发工资", "reversal_out"),
    ("工资退回", "reversal_out"),
    ("退款 公司", "reversal_out"),
    ("多发工资扣回", "reversal_out"),
    ("错账调整 贷款发放", "reversal_out"),
    ("退还3月工资", "reversal_out"),
    ("工资 扣回", "reversal_out"),
    ("退还借款", "debt_service"),
    ("PAYROLL REVERSAL ACME CORP", "reversal_out"),
    ("SALARY OVERPAYMENT RECOVERY", "reversal_out"),
    ("贷款收回", "debt_service"),
    ("体育彩票", "gambling"),
    ("BET365 GIBRALTAR", "gambling"),
    ("DRAFTKINGS INC", "gambling"),
    ("国家电网电费", "utilities"),
    ("中国移动话费", "utilities"),
    ("COMCAST CABLE", "utilities"),
    ("平安人寿保费", "insurance"),
    ("GEICO AUTO INS", "insurance"),
    ("个人所得税", "tax"),
    ("IRS USATAXPYMT", "tax"),
    ("携程旅行网", "travel"),
    ("ENTERPRISE RENT-A-CAR", "travel"),
    ("第一人民医院 门诊缴费", "medical"),
    ("WALGREENS #1121", "medical"),
    ("学费", "education"),
    ("TUITION FEE SPRING", "education"),
    ("盒马鲜生", "groceries"),
    ("TESCO STORES 3321", "groceries"),
    ("余额宝转入", "saving"),
    ("TRANSFER TO SAVINGS", "saving"),
    ("ALPHABET BOOKS", "other_debit"),
    ("SLOAN STREET CAFE", "other_debit"),
    ("COFFEE", "other_debit"),
]
CODED = [
    # direction, description, bank_code, channel, mcc, expected
    ("credit", "DUCHOD", "DUCHOD", "transfer", None, "pension"),
    ("credit", "UROK", "UROK", "other", None, "interest_in"),
    ("credit", "VKLAD", "VKLAD", "counter", None, "cash_deposit"),
    ("credit", "PREVOD Z UCTU", "PREVOD Z UCTU", "transfer", None, "transfer_in"),
    ("debit", "PREVOD NA UCET SIPO", "SIPO", "transfer", None, "utilities"),
    ("debit", "PREVOD NA UCET UVER", "UVER", "transfer", None, "debt_service"),
    ("debit", "PREVOD NA UCET POJISTNE", "POJISTNE", "transfer", None, "insurance"),
    ("debit", "VYBER SLUZBY", "SLUZBY", "counter", None, "fee"),
    ("debit", "VYBER SANKC. UROK", "SANKC. UROK", "counter", None, "fee"),
    ("debit", "VYBER KARTOU", "VYBER KARTOU", "atm", None, "cash_withdrawal"),
    ("debit", "PREVOD NA UCET", "PREVOD NA UCET", "transfer", None, "transfer_out"),
    ("credit", None, "SALA", None, None, "salary"),
    ("debit", "SOME SHOP", None, "pos", "5411", "groceries"),
    ("debit", "SOME SHOP", None, "pos", "3011", "travel"),
    ("debit", "SOME SHOP", None, "pos", "5732", "card_payment"),
    ("credit", "SOME SHOP", None, "pos", "5732", "refund_in"),
    ("debit", None, None, "atm", None, "cash_withdrawal"),
    ("credit", None, None, "transfer", None, "transfer_in"),
    ("credit", None, None, None, None, "other_credit"),
    ("debit", None, None, None, None, "other_debit"),
]
LINES = (
    [("credit", text, None, "other", None, kind) for text, kind in CREDITS]
    + [("debit", text, None, "other", None, kind) for text, kind in DEBITS]
    + CODED
)


def _classify(lines: list[tuple[str | None, ...]], rules: tuple[LineRule, ...]) -> list[str]:
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE line (n INTEGER, direction VARCHAR, description VARCHAR, bank_code VARCHAR, channel VARCHAR, "
        "mcc VARCHAR)"
    )
    con.executemany("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?)", [[n, *line[:5]] for n, line in enumerate(lines)])
    return [str(r[0]) for r in con.execute(f"SELECT {line_type_sql(rules)} FROM line ORDER BY n").fetchall()]


def test_texts_as_banks_print_them_are_classified() -> None:
    assert len(LINES) >= 110
    got = _classify(LINES, load_line_rules())
    wrong = [(line[:5], line[5], kind) for line, kind in zip(LINES, got, strict=True) if kind != line[5]]
    assert wrong == []


def test_every_type_but_the_unknown_has_a_rule() -> None:
    assert {rule.line_type for rule in load_line_rules()} == set(LINE_TYPES) - {"other_credit", "other_debit"}


def test_the_first_match_by_priority_decides() -> None:
    rules = (
        LineRule(1, "fee", "debit", "description", "X"),
        LineRule(2, "tax", "any", "description", "X|Y"),
        LineRule(3, "rent", "debit", "description", "Y"),
    )
    lines = [(d, t, None, None, None) for d, t in (("debit", "x"), ("debit", "y"), ("credit", "x"), ("credit", "z"))]
    assert _classify(lines, rules) == ["fee", "tax", "tax", "other_credit"]


def test_neighbours_of_one_type_become_one_test() -> None:
    rules = (LineRule(1, "fee", "debit", "description", "A|B"), LineRule(2, "fee", "debit", "description", "C$"))
    sql = line_type_sql(rules)
    assert sql.count("regexp_matches") == 1
    assert _classify([("debit", "zC", None, None, None), ("debit", "Cz", None, None, None)], rules) == [
        "fee",
        "other_debit",
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1,wage,credit,description,A,", "line 2: 'wage' is none of salary"),
        ("1,salary,in,description,A,", "line 2: 'in' is none of credit"),
        ("1,salary,credit,text,A,", "line 2: 'text' is none of description"),
        ("1,salary,credit,description,,", "would match every line"),
        ("1,salary,credit,mcc,A,\n1,fee,debit,mcc,B,", "priority 1 is given twice"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_line(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "rules.csv"
    path.write_text(f"priority,line_type,direction,field,pattern,comment_en\n{row}\n", encoding="utf-8")
    with pytest.raises(LineRuleError, match=message):
        load_line_rules(path)
