import pytest

from assistant.values import chinese_number, fold, has_duration, has_time, same_unit, values

READINGS = {
    "共服务1700余人": [("数", "1700", "人")],
    "达到85%以上": [("百分比", "85", "%")],
    "百分之六十五点五": [("百分比", "65.5", "%")],
    "占三成": [("百分比", "30", "%")],
    "2024年8月15日": [("日期", "2024-8-15-", "")],
    "1月下旬启动": [("日期", "-1--下旬", "")],
    "培训1.3万余人次": [("数", "13000", "人次")],
    "投入345.36万元": [("数", "3453600", "元")],
    "第二十一条第二款": [("条款", "21", "条"), ("条款", "2", "款")],
    "云工发〔2031〕12号": [("文号", "云工发〔2031〕12号", "")],
    "围绕11个方面": [("数", "11", "方面")],
    "开设8个专业": [("数", "8", "个")],
    "每届2个月": [("数", "2", "个月")],
    "陈列千余册藏书": [("数", "1000", "册")],
    "服务百多名职工": [("数", "100", "名")],
    "走进千家万户": [],
    "没有数字": [],
}


@pytest.mark.parametrize("text", READINGS)
def test_numbers_dates_and_clauses_are_read_as_what_they_mean(text):
    assert [(v.kind, v.value, v.unit) for v in values(text)] == READINGS[text]


@pytest.mark.parametrize(
    ("text", "number"),
    [("一百二十三", 123), ("二〇三一", 2031), ("十", 10), ("三万五千", 35000), ("好", None)],
)
def test_chinese_numbers(text, number):
    assert chinese_number(text) == number


def test_a_person_counted_in_another_measure_word_answers_but_a_place_does_not():
    assert same_unit("人次", "人")
    assert same_unit("", "家")
    assert not same_unit("家", "人")


def test_comparing_ignores_width_spaces_and_quotation_marks():
    assert fold("“四送” ８５％") == "四送85%"


def test_when_and_how_long_are_told_apart():
    assert has_time("3月5日开始")
    assert has_duration("每季度1次")
    assert has_duration("任期为2个月")
    assert not has_duration("2031年以来")
    assert not has_duration("一是长期性工作")
