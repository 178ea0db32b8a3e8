"""Columns that say who the customer is, what may be read of them, and what they earn."""

from __future__ import annotations

from functools import partial

from transforms.profile.declared.definition import Definition

_CUSTOMER = partial(Definition, source="bank.customer", as_of="state")
_CONSENT = partial(Definition, source="bank.consent", as_of="state", required=True)
_INCOME = partial(Definition, source="profile.income_estimate", as_of="night")

PERSON: tuple[Definition, ...] = (
    _CUSTOMER(
        "age_years",
        "INTEGER",
        "Full years of age, counted from the end of the month of birth (the day is not in the lake).",
        "年龄",
        minimum=0,
    ),
    _CUSTOMER(
        "is_student",
        "BOOLEAN",
        "Whether a student; unknown counts as no unless employment says student.",
        "是否学生",
        required=True,
    ),
    _CUSTOMER("employment_type", "VARCHAR", "Kind of employment.", "就业类型"),
    _CUSTOMER("occupation_code", "VARCHAR", "Occupation.", "职业代码"),
    _CUSTOMER("industry_code", "VARCHAR", "Industry of the employer.", "行业代码"),
    _CUSTOMER("job_tenure_m", "INTEGER", "Full months in the present job.", "现职月数", minimum=0),
    _CUSTOMER(
        "occ_stability",
        "DOUBLE",
        "Stability of the occupation, 0 to 1, by the reference table of employment types, tenure and industries; "
        "empty for an unknown employment type.",
        "职业稳定性",
        how="base of employment_type, plus step of job_tenure_m, plus step of industry_code, within 0 and 1",
        minimum=0,
        maximum=1,
    ),
    Definition(
        "industry_wage_growth_bp",
        "INTEGER",
        "Yearly wage growth of the industry by the figure last released; empty for an unknown industry.",
        "行业工资增速",
        "reference industry_wage_growth",
        "state",
        how="newest release up to the business date",
        unit="basis points a year",
        classification="internal",
    ),
    _CUSTOMER("edu_level", "VARCHAR", "Highest education; gates and evidence only, never the score.", "学历"),
    _CUSTOMER("province_code", "VARCHAR", "Province of residence.", "居住省份"),
    _CUSTOMER("marketing_opt_out", "BOOLEAN", "Whether marketing is refused.", "是否拒绝营销", required=True),
    _CUSTOMER(
        "automated_decision_opt_out",
        "BOOLEAN",
        "Whether a decision by automation alone is refused.",
        "是否拒绝自动化决策",
        required=True,
    ),
    _CUSTOMER("stated_preference", "VARCHAR", "What the customer said matters most.", "还款偏好"),
    _CUSTOMER("onboarded_m", "INTEGER", "Full months as a customer.", "建档月数", required=True, minimum=0),
    Definition(
        "household_flag",
        "VARCHAR",
        "Whether a spouse counts: policy_off (the policy counts none), none (no signed spouse on record), joint (the "
        "spouse's verified income and debts both count). Marital status is read for nothing else.",
        "家庭合并标识",
        "bank.customer, bank.household_member",
        "state",
        how="joint where the policy counts spouses, the customer is married and a spouse has signed",
        required=True,
        values=("policy_off", "none", "joint"),
        classification="protected",
    ),
    Definition(
        "household_income_cents",
        "BIGINT",
        "Monthly income of the spouse that counts beside the customer's own; 0 unless joint.",
        "计入的配偶月收入",
        "bank.household_member",
        "state",
        how="verified monthly income of the signed spouse",
        unit="cents",
        required=True,
        minimum=0,
    ),
    _CONSENT("consent_bank_statement", "BOOLEAN", "Whether the consent to read bank lines holds.", "银行流水授权有效"),
    _CONSENT("consent_ecommerce", "BOOLEAN", "Whether the consent to read orders holds.", "电商数据授权有效"),
    _CONSENT("consent_credit_bureau", "BOOLEAN", "Whether the consent to ask the bureau holds.", "征信授权有效"),
    _CONSENT(
        "consent_social", "BOOLEAN", "Whether the consent to a contact check by social data holds.", "社交数据授权有效"
    ),
    Definition(
        "social_alert_cnt_3m",
        "INTEGER",
        "Contact checks by social data that found something amiss, last 3 months; empty unless the policy allows it "
        "and the customer consents. Supports a fraud alert, never the score.",
        "近3月社交核验异常次数",
        "social.social_activity",
        "events",
        how="count where finding <> 'confirmed'",
        window="3 months trailing",
        unit="checks",
        consent="social",
        minimum=0,
        classification="protected",
    ),
    _INCOME("income_cents", "BIGINT", "Monthly income of profile.income_estimate.", "月收入", unit="cents", minimum=0),
    _INCOME("income_source", "VARCHAR", "Its source.", "收入来源", required=True),
    _INCOME(
        "income_confidence", "DOUBLE", "Its confidence, 0 to 1.", "收入置信度", required=True, minimum=0, maximum=1
    ),
    _INCOME(
        "income_cv",
        "DOUBLE",
        "Standard deviation over mean of its pay cycles on bank lines; empty without.",
        "收入变异系数",
        minimum=0,
    ),
    _INCOME(
        "income_drift",
        "DOUBLE",
        "Median of the last three pay cycles over that of the last six: below 1 income falls.",
        "收入趋势",
        minimum=0,
    ),
    _INCOME("last_salary_on", "DATE", "Day of the last line labelled salary or pension.", "最近工资入账日"),
    _INCOME(
        "salary_due_by",
        "DATE",
        "Last day on which the next salary is in time by the customer's own rhythm; later it is overdue.",
        "下次工资最晚应到日",
    ),
    _INCOME(
        "salary_now_cents",
        "BIGINT",
        "What labelled salary brought in the pay cycle last due, a month's worth; 0 where it is overdue.",
        "本期工资月额",
        unit="cents",
        minimum=0,
    ),
    _INCOME(
        "salary_before_cents",
        "BIGINT",
        "What it usually brought in the pay cycles before that one, a month's worth.",
        "此前工资月额",
        unit="cents",
        minimum=0,
    ),
)
