"""The agreement of art. 70 has its six items, in both languages, and says what breaking it costs."""

from __future__ import annotations

import json
from functools import cache

import polars as pl

from tests.unit.transforms.outputs import restructure_agreement
from tests.unit.transforms.second_cases import NIGHT
from tests.unit.transforms.second_installment.test_second_installment import books_of
from transforms.servicing.restructure_agreement import class_on_signing


@cache
def signed() -> pl.DataFrame:
    b = books_of(NIGHT)
    return restructure_agreement(b.progress, b.routes, b.states_in(b.progress), NIGHT, b.policy)


def test_every_open_route_has_its_agreement() -> None:
    open_ones = books_of(NIGHT).routes.filter("eligible", pl.col("route") == "art70_restructure")
    assert open_ones.height > 5
    assert sorted(signed()["plan_id"]) == sorted(open_ones["plan_id"])


def test_the_six_items_are_there_and_their_sums_agree() -> None:
    for row in signed().iter_rows(named=True):
        content = json.loads(row["agreement"])
        names = [item["item"] for item in content["items"]]
        assert names == ["balance", "repayment", "interest_and_fees", "no_new_card", "rights_and_breach", "other"]
        balance, repayment, cost = content["items"][:3]
        make_up = balance["make_up"]
        assert make_up["principal_cents"] + make_up["overdue_interest_cents"] == balance["balance_cents"]
        paid = sum(p["payment_cents"] for p in repayment["payments"])
        assert paid == make_up["principal_cents"] + cost["interest_cents"]
        assert content["rule"].startswith("商业银行信用卡业务监督管理办法")


def test_both_texts_carry_every_payment_and_every_item() -> None:
    for row in signed().iter_rows(named=True):
        for payment in json.loads(row["agreement"])["items"][1]["payments"]:
            assert payment["due_on"] in row["document_en"]
            assert payment["due_on"] in row["document_zh"]
        assert all(f"\n{n}. " in row["document_en"] for n in range(1, 7))
        assert all(f"\n{n}、" in row["document_zh"] for n in "一二三四五六")


def test_breaking_it_makes_all_that_is_left_fall_due_with_late_interest() -> None:
    progress = {row["plan_id"]: row for row in books_of(NIGHT).progress.iter_rows(named=True)}
    for row in signed().iter_rows(named=True):
        owed = progress[row["plan_id"]]["outstanding_cents"]
        assert row["accelerated_cents"] >= owed
        assert row["penalty_month_cents"] > 0


def test_signing_never_makes_the_class_better() -> None:
    order = ("normal", "special_mention", "substandard", "doubtful", "loss")
    for observed in (False, True):
        for before in order:
            after = class_on_signing({"five_class": before, "restruct_flag": observed})
            assert order.index(after) >= max(order.index(before), 2 if observed else 1)
