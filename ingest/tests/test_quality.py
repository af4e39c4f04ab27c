"""Trust in a text: sound texts keep all of it, noise loses it; doubtful readings are marked."""

import pytest

from ingest import quality
from ingest.lines import Line, joined

PROSE = (
    "云河街道灯会由街道办事处主办，各社区工会协办。每年举办一次，时间为农历正月十五前后三天。"
    "居民凭预约码入场，老人和孩子免费。街道应当提前公布安全预案，不得向商户收取摊位费。"
)


@pytest.mark.parametrize(
    "text",
    [
        PROSE,
        "",
        "关于举办灯会的通知",
        "附件1\n1 2 3 4\n500 600 700\n12% 13% 15%",
        "Le café où nous étions hier était déjà fermé à cause de l'été.",
        "先进个人名单\n" + "赵丽娜 钱志强 孙晓燕 李鑫 周祺 吴佳怡 郑浩然 王梓萱 冯雪琳 陈子涵 褚卫东 蒋欣悦",
        "雲河街道燈會由街道辦事處主辦，各社區工會協辦。每年舉辦一次，時間為農曆正月十五前後三天。",
        "天天向上，人人有责，往往如此；一体一体化推进。",
        "\n".join(
            f"{street}：成人{n}元；学生{n // 2}元"
            for n, street in enumerate(["东街", "西街", "南街", "北街"], 10)
        ),
    ],
    ids=[
        "prose",
        "nothing",
        "a title",
        "figures",
        "accents",
        "names",
        "traditional",
        "true doubling",
        "a table",
    ],
)
def test_what_is_written_like_a_document_is_trusted(text):
    assert quality.trust(text) == 1.0


@pytest.mark.parametrize(
    "text",
    [
        PROSE.encode("gb18030").decode("latin-1"),
        PROSE.encode().decode("gb18030", "replace"),
        "".join(chr(0xE000 + ord(char) % 512) for char in PROSE),
        "".join(chr(ord(char) + 1) if char > "\u4e00" else char for char in PROSE),
        PROSE[:40] * 30,
        "佛山市佛佛佛佛佛佛佛佛佛佛佛佛",
        "!\"#$%&'()*+!$#%&'\"*+$%&/#!\"$%&'",
    ],
    ids=["bytes", "wrong encoding", "private use", "wrong characters", "a loop", "one character", "signs"],
)
def test_what_no_document_says_is_not_trusted(text):
    assert quality.trust(text) < quality.POOR


def test_an_article_is_as_trustworthy_as_its_characters_and_its_recognition():
    sure, unsure = Line(text=PROSE), Line(text=PROSE, sure=0.5)
    assert quality.article([]) == 1.0
    assert quality.article([sure]) == 1.0
    assert quality.article([joined([sure, unsure])]) == 0.75
    assert joined([sure, unsure]).sure == 0.5


@pytest.mark.parametrize(
    ("text", "sure", "marked"),
    [
        ("每户补助2000元，共十二户。", 0.8, "每户补助2000〔?〕元，共十二〔?〕户。"),
        ("第三条　每年4次。", 0.8, "第三条　每年4〔?〕次。"),
        ("（二）占比3.5％", 0.8, "（二）占比3.5％〔?〕"),
        ("每户补助2000元。", 0.95, "每户补助2000元。"),
        ("灯会由街道主办。", 0.8, "灯会由街道主办。"),
        ("— 12 —", 0.7, "— 12 —"),
        ("一体推进", 0.7, "一体推进"),
    ],
)
def test_numbers_of_a_doubtful_line_are_marked(text, sure, marked):
    assert quality.marked(text, sure) == marked


def test_a_doubtful_name_is_marked_once():
    assert quality.marked("张明", 0.8, is_name=True) == "张明〔?〕"


@pytest.mark.parametrize(
    ("text", "sure", "borders", "reason"),
    [
        (PROSE, 1.0, 1.0, ""),
        ("", 1.0, 0.4, ""),
        (PROSE, 0.99, 1.0, ""),
        (PROSE, 0.7, 1.0, "文字是从图像识别的，可能有错字"),
        (PROSE, 1.0, 0.6, "标题或文章的起止不一定找对了"),
        (PROSE + "\ue005\ue006\ue007\ue008" * 4, 0.9, 1.0, "有认不出的字符；文字是从图像识别的，可能有错字"),
        (PROSE + "的" * 40, 1.0, 1.0, "有连续重复的字"),
    ],
)
def test_why_a_text_is_not_trusted_is_told_the_gravest_reason_first(text, sure, borders, reason):
    assert quality.doubts([Line(text=text, sure=sure)], borders=borders) == reason
