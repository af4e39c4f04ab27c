"""Quoted items, rows and summaries stand with the clause they rest on; other texts stay as they are."""

import pytest

from assistant.pipeline import Assistant
from corpus.testing import HashingEncoder, make_store

DOCUMENTS = [
    {
        "title": "茶农补贴怎么领",
        "text": "要点：茶农每年领两次补贴，补贴每亩90元。采茶机械由乡镇配发。\n一、标准\n"
        "茶农的补贴每亩90元（《茶叶条例》第八条）。\n二、谁不能领\n下列茶农不能领补贴（《茶叶条例》第九条）：\n"
        "1. 弃管茶园一年以上的；\n2. 在茶园里种树的。\n三、办理期限\n步骤：审查申请；期限：收到申请之日起9日内\n"
        "步骤：发放补贴；期限：公示之日起5日内\n上表依据《茶叶条例》第十条。",
    },
    {
        "title": "渔民体检怎么办",
        "text": "要点：渔民体检每年一次，体检费由渔业站承担。\n渔业站每年秋天组织一次渔民体检。\n"
        "体检有下面两项：\n1. 听力；\n2. 视力。",
    },
    {
        "title": "鱼塘登记",
        "text": "要点：鱼塘登记由承包人在20日内申请，承包人不申请的，村委会可以在2年内申请。\n"
        "1. 承包人申请：签订合同之日起20日内（《鱼塘条例》第三条）。\n"
        "2. 村委会申请：承包人没申请的，2年内可以申请（《鱼塘条例》第三条）。",
    },
    {
        "title": "盐田登记",
        "text": "要点：盐田登记由盐工在20日内申请，盐工不申请的，合作社可以在2年内申请。\n"
        "盐工申请：签订合同之日起20日内（《盐田条例》第三条）。",
    },
]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("茶农的补贴每亩多少元？", ["茶农的补贴每亩90元（《茶叶条例》第八条）。"]),
        (
            "哪些茶农不能领补贴？",
            [
                "下列茶农不能领补贴（《茶叶条例》第九条）。",
                "1.弃管茶园一年以上的。",
                "2.在茶园里种树的。",
            ],
        ),
        (
            "审查茶农的申请多少天？",
            ["步骤：审查申请；期限：收到申请之日起9日内。", "上表依据《茶叶条例》第十条。"],
        ),
        ("渔民体检费由谁承担？", ["要点：渔民体检每年一次，体检费由渔业站承担。"]),
        ("渔民体检有哪两项？", ["1.听力。", "2.视力。"]),
        (
            "鱼塘登记要在多久之内申请？",
            [
                "1.承包人申请：签订合同之日起20日内（《鱼塘条例》第三条）。",
                "2.村委会申请：承包人没申请的，2年内可以申请（《鱼塘条例》第三条）。",
            ],
        ),
        (  # the body says but one of the two
            "盐田登记要在多久之内申请？",
            ["要点：盐田登记由盐工在20日内申请，盐工不申请的，合作社可以在2年内申请。"],
        ),
    ],
)
def test_what_rests_on_a_clause_is_quoted_with_it(tmp_path, question, said):
    with make_store(tmp_path, DOCUMENTS, encoder=HashingEncoder()) as store:
        assert [s.text for s in Assistant(store).ask(question).statements] == said
