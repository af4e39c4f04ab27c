"""Limits by law: the thing itself before a change of it, by its own period, all cases of a list, what is barred."""

import pytest

from assistant.pipeline import Assistant
from corpus.testing import HashingEncoder, make_store

DOCUMENTS = [
    {
        "title": "织工条例",
        "kind": "法规",
        "text": "第一条 织工每日工作时间不超过七小时，平均每周工作时间不超过四十小时。\n"
        "第二条 织坊与织工协商后可以延长工作时间，每日不得超过二小时。\n"
        "第三条 有下列情形之一的，织坊应当按照下列标准支付加班费：\n"
        "（一）晚上安排织工加班的，支付工资的百分之一百三十；\n"
        "（二）节日安排织工加班的，支付工资的百分之二百五十。\n"
        "第四条 织坊超过二个月不满一年未与织工订立书面劳动合同的，应当每月支付二倍的工资。",
    },
    {
        "title": "渔工条例",
        "kind": "法规",
        "text": "第一条 渔工有下列情形之一的，渔坊可以辞退渔工：\n（一）不能下水的；\n（二）三次迟到的。\n"
        "第二条 渔工有下列情形之一的，渔坊不得辞退渔工：\n（一）在休渔期的；\n（二）在船上受伤的。\n"
        "第三条 渔工领船证应当提交下列材料：\n（一）照片；\n（二）体检表；\n（三）船主的证明。",
    },
]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("织工一天工作几个小时？", ["第一条 织工每日工作时间不超过七小时，平均每周工作时间不超过四十小时。"]),
        ("织工一周工作几个小时？", ["第一条 织工每日工作时间不超过七小时，平均每周工作时间不超过四十小时。"]),
        (  # here the change is what is asked for
            "织工每天最多延长工作时间几小时？",
            ["第二条 织坊与织工协商后可以延长工作时间，每日不得超过二小时。"],
        ),
        (
            "织工的加班费按工资的百分之多少算？",
            [
                "（一）晚上安排织工加班的，支付工资的百分之一百三十。",
                "（二）节日安排织工加班的，支付工资的百分之二百五十。",
            ],
        ),
        (  # the question names one of the cases
            "织工节日的加班费按工资的百分之多少算？",
            ["（二）节日安排织工加班的，支付工资的百分之二百五十。"],
        ),
        (
            "织坊没给我签劳动合同半年了，能要多少赔偿？",
            ["第四条 织坊超过二个月不满一年未与织工订立书面劳动合同的，应当每月支付二倍的工资。"],
        ),
        ("哪些情形渔坊不能辞退渔工？", ["（一）在休渔期的。", "（二）在船上受伤的。"]),
        ("哪些情形渔坊可以辞退渔工？", ["（一）不能下水的。", "（二）三次迟到的。"]),
        ("渔工领船证要交哪些材料？", ["（一）照片。", "（二）体检表。", "（三）船主的证明。"]),
    ],
)
def test_a_limit_is_told_for_the_case_that_is_asked(tmp_path, question, said):
    with make_store(tmp_path, DOCUMENTS, encoder=HashingEncoder()) as store:
        assert [s.text for s in Assistant(store).ask(question).statements] == said
