import pytest

from assistant.ranges import Range, amounts, fits, ranges

WITHOUT_END = float("inf")

RANGES = {
    "工龄满2年不满6年的，休4天": [Range(24, 72, False, "时长")],
    "合同二年以上、不满四年": [Range(24, 48, False, "时长")],
    "六年以上，或者没有期限": [Range(72, WITHOUT_END, False, "时长")],
    "不足三个月的": [Range(0, 3, False, "时长")],
    "会员30人至50人的基层工会": [Range(30, 50, True, "人")],
    "每户不超过800元": [Range(0, 800, True, "元")],
    "年满17周岁、未满19周岁": [Range(204, 228, False, "岁")],
    "6月1日至9月30日": [],
    "全年开展活动12次": [],
}


@pytest.mark.parametrize("text", RANGES)
def test_bounds_are_read_in_chinese_and_arabic_numerals(text):
    assert ranges(text) == RANGES[text]


@pytest.mark.parametrize(
    ("question", "text", "begins"),
    [
        ("干了五年的人休几天？", "满2年不满6年", 24),
        ("干了6年的人休几天？", "满2年不满6年", -1),
        ("签两年合同", "一年以上、不满二年", -1),
        ("签两年合同", "二年以上、不满四年", 24),
        ("十五个月能领多少", "满1年不足3年", 12),
        ("四十人的单位", "30人至50人", 30),
        ("没签合同半年了", "超过一个月不满一年", 1),
        ("干了一年半", "满1年不满2年", 12),
        ("干了五年的人休几天？", "每天工作八小时", None),
    ],
)
def test_a_value_falls_into_a_range_or_not_or_the_text_sets_none(question, text, begins):
    assert fits(amounts(question)[0], text) == begins


def test_years_and_clause_numbers_are_no_amounts():
    assert amounts("2031年第三条怎么规定？") == []


def test_half_of_a_calendar_year_is_no_length_of_time():
    assert amounts("上半年发展会员多少人？") == []


def test_a_share_that_is_asked_for_is_no_amount():
    assert amounts("按工资的百分之多少算？") == []
