import pytest

from assistant.verify import quoted, stated

SOURCE = "2031年3月5日，云河市总工会在白塔县建成服务站542家，覆盖率达到百分之八十五。用人单位应当提供休息场所，不得收取费用。"

VERDICTS = [
    ("云河市总工会建成服务站542家。", "已核实"),
    ("服务站覆盖率达到85%。", "已核实"),
    ("3月5日建成服务站542家。", "已核实"),
    ("用人单位应当提供休息场所。", "已核实"),
    ("云河市总工会建成服务站524家。", "数字不符"),
    ("服务站覆盖率达到58%。", "数字不符"),
    ("3月15日建成服务站542家。", "数字不符"),
    ("柳津市总工会建成服务站542家。", "依据不足"),
    ("用人单位不得提供休息场所。", "依据不足"),
    ("会员可以免费乘坐公共交通工具。", "依据不足"),
]


@pytest.mark.parametrize(("text", "verdict"), VERDICTS)
def test_a_sentence_in_other_words_needs_its_values_names_and_sense_in_the_passage(text, verdict):
    assert stated(text, SOURCE) == verdict


def test_a_name_may_stand_in_what_is_known_of_the_document_but_a_number_may_not():
    assert stated("柳津市建成服务站3家。", "全市建成服务站3家。", "柳津市总工会") == "已核实"
    assert stated("柳津市建成服务站4家。", "全市建成服务站3家。", "柳津市2031年4家") == "数字不符"


def test_a_quotation_stands_in_the_passage_or_it_does_not():
    assert quoted("建成服务站542家", SOURCE) == "已核实"
    assert quoted("建成服务站 542 家", SOURCE) == "引文不存在"
    assert stated("什么都行。", "") == "引文不存在"


def test_what_recognition_is_not_sure_of_bears_nothing_out():
    unsure = "云河市总工会建成服务站542〔?〕家，会员凭会员卡免费使用。"
    assert quoted("建成服务站542〔?〕家", unsure) == "依据不足"
    assert quoted("会员凭会员卡免费使用", unsure) == "已核实"
    assert stated("云河市总工会建成服务站542家。", unsure) == "数字不符"


RULES = (
    "奖励人数不超过会员总数的10%，每人奖励不超过500元。一等奖10项、二等奖30项。"
    "逾期未建会的不予返还。会员住院的，由基层工会上门慰问。公司设书屋，藏书不少于500册。"
)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("每人奖励超过500元。", "依据不足"),
        ("奖励人数超过会员总数的10%。", "依据不足"),
        ("藏书少于500册。", "依据不足"),
        ("藏书不少于500册。", "已核实"),
        ("逾期未建会的予以返还。", "依据不足"),
        ("会员住院的，由街道办事处上门慰问。", "依据不足"),
        ("会员住院的，工会上门慰问。", "已核实"),
        ("二等奖10项。", "依据不足"),
        ("根据《奖励办法（2025年）》，每人奖励不超过500元。", "已核实"),
        ("根据《别的办法（2025年）》，每人奖励不超过500元。", "数字不符"),
    ],
)
def test_bounds_denials_and_values_are_true_only_where_they_stand(text, verdict):
    assert stated(text, RULES, "奖励办法（2025年）") == verdict
