"""What documents say of themselves, and what only looks like it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.description.numerals import chinese_numeral
from ingest.metadata import describe, iso_date

RULES = """云灯发〔2024〕12号
（2024年3月1日云河市灯会委员会第二次会议通过）
第一章　总则
第一条　为了办好灯会，根据《云河市节庆条例》（云发〔2019〕3号），制定本办法。
第二十条　本办法自2024年5月1日起施行，有效期5年。《云河市灯会管理暂行办法》（云灯发〔2018〕7号）同时废止。
云河市总工会
2024年3月5日"""


def test_a_set_of_rules_is_described_from_its_own_words():
    found = describe("云河市灯会管理办法", RULES, today="2024-06-01")
    assert found.kind == "办法"
    assert found.issuer == "云河市总工会"
    assert found.number == "云灯发〔2024〕12号"
    assert (found.published_on, found.effective_on, found.expires_on) == (
        "2024-03-01",
        "2024-05-01",
        "2029-04-30",
    )
    assert (found.region, found.status) == ("云河市", "现行")
    assert found.supersedes == ("云河市灯会管理暂行办法", "云灯发〔2018〕7号")


@pytest.mark.parametrize(
    ("today", "status"),
    [
        ("2024-04-30", "尚未施行"),
        ("2024-05-01", "现行"),
        ("2029-04-30", "现行"),
        ("2029-05-01", "已废止"),
        ("", "未知"),
    ],
)
def test_its_own_first_and_last_day_say_whether_it_is_in_force(today, status):
    assert describe("云河市灯会管理办法", RULES, today=today).status == status


def test_without_a_last_day_nobody_knows_whether_it_was_repealed_since():
    text = "第九条 本办法自2024年5月1日起施行。"
    assert describe("云河市灯会管理办法", text, today="2025-01-01").status == "未知"


@pytest.mark.parametrize(
    "line",
    [
        "云工发〔2023〕14号　发布日期：2023年9月5日",
        "云工发〔2023〕14号　2023-09-05",
        "文号：云工发〔2023〕14号；发布日期：2023-9-5",
    ],
)
def test_a_line_of_number_and_day_gives_both(line):
    found = describe("关于灯会的通知", f"{line}\n一、时间安排\n三月举行。")
    assert (found.number, found.published_on) == ("云工发〔2023〕14号", "2023-09-05")


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("二〇二四年三月一日", "2024-03-01"),
        ("二○二四年十二月三十一日", "2024-12-31"),
        ("２０２４年３月１日", "2024-03-01"),
        ("2024 年 3 月 1 日", "2024-03-01"),
        ("2024-3-1", "2024-03-01"),
        ("2024.8.15", "2024-08-15"),
        ("2024年5月", "2024-05"),
        ("2024年", "2024"),
        ("2024年2月30日", ""),
        ("第2024号", ""),
        ("3月1日", ""),
        ("电话0512-88.12.34", ""),
    ],
)
def test_dates_are_read_as_exactly_as_they_are_written(written, iso):
    assert iso_date(written) == iso


@pytest.mark.parametrize(
    ("head", "number"),
    [
        ("云工发〔2024〕12号", "云工发〔2024〕12号"),
        ("云工发[2024]12号", "云工发〔2024〕12号"),
        ("云工发（2024）第012号", "云工发〔2024〕12号"),
        ("发文字号：云工办〔2023〕6号", "云工办〔2023〕6号"),
        ("云工发〔2023〕14号　发布日期：2023-09-05", "云工发〔2023〕14号"),
        ("2024年3月1日 云河市人民政府令第12号公布", "云河市人民政府令第12号"),
        ("2012年4月28日国务院令第619号", "国务院令第619号"),
        ("（2012年4月28日中华人民共和国国务院令第619号公布）", "中华人民共和国国务院令第619号"),
        ("二〇一二年四月二十八日由国务院令第619号公布", "国务院令第619号"),
        ("云河市人民政府令\n第12号", "云河市人民政府令第12号"),
        ("2012年通过，根据2018年9月18日国务院令第703号修订", ""),
        ("发布日期：2023-09-05　文号：云工发〔2023〕14号", "云工发〔2023〕14号"),
        ("文号：云工发〔2023〕14号｜发布日期：2023年9月5日", "云工发〔2023〕14号"),
        ("云工发〔2023〕14号　2023年9月5日", "云工发〔2023〕14号"),
        ("（根据云工发〔2020〕1号）", ""),
        ("本篇依据国务院令第619号公布的规定整理", ""),
        ("国务院令第619号自公布之日起施行，各单位已经知悉。", ""),
        ("根据《灯会办法》（云工发〔2020〕1号）的规定，现就有关事项通知如下。", ""),
        ("各单位要认真执行云工发〔2020〕1号文件。", ""),
    ],
)
def test_the_number_is_the_documents_own_and_never_one_it_refers_to(head, number):
    assert describe("关于灯会的通知", f"{head}\n一、时间安排\n三月举行。").number == number


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        ("云河市节庆条例", "", "法规"),
        ("中华人民共和国灯会法", "", "法规"),
        ("云河市灯会司法解释", "", "法规"),
        ("云河市灯会管理办法（试行）", "", "办法"),
        ("云河市灯会章程", "", "办法"),
        ("关于印发《灯会管理办法》的通知", "", "通知"),
        ("2024年灯会统计公报", "", "通知"),
        ("灯会常见问题解答", "", "问答"),
        ("办好灯会的好做法", "", "其他"),
        ("灯会的三种看法", "", "其他"),
        ("在灯会开幕式上的讲话", "", "讲话"),
        ("灯会经济调研报告", "", "调研"),
        ("灯会开幕", "本报讯（记者 林小满）三月一日，灯会开幕。", "新闻"),
        ("灯会须知", "问：收费吗？\n答：不收。\n问：几点开始？\n答：六点。", "问答"),
        ("灯会见闻", "夜色很美。", "其他"),
    ],
)
def test_kinds_follow_the_title_then_the_text(title, text, kind):
    assert describe(title, text).kind == kind


@pytest.mark.parametrize(
    ("text", "effective"),
    [
        ("第九条 本办法自2024年5月1日起施行。", "2024-05-01"),
        ("2024年3月1日 公布\n2024年5月1日 施行\n第一条 甲。", "2024-05-01"),
        ("2024年3月1日 云河市人民政府公布\n第一条 甲。\n第九条 本办法自公布之日起施行。", "2024-03-01"),
        ("1998年3月1日 通过\n2024年3月1日 第二次修正\n第九条 本办法自公布之日起施行。", ""),
        ("甲。\n" * 20 + "《灯会条例》自2024年5月1日起施行后，街道忙了起来。", ""),
        ("会议自2024年5月1日起举行。", ""),
        ("第九条 本办法自2023年6月1日起试行。", "2023-06-01"),
        ("（2023年5月1日公布　自2023年6月1日起试行）\n第一条 甲。", "2023-06-01"),
        ("新班次自2023年6月1日起试运行。", ""),
    ],
)
def test_the_day_it_takes_effect_is_its_own(text, effective):
    assert describe("云河市灯会管理办法", text).effective_on == effective


@pytest.mark.parametrize(
    ("text", "expires"),
    [
        ("本办法自2024年5月1日起施行，有效期至2026年12月31日。", "2026-12-31"),
        ("本办法自2024年2月29日起试行，试行期两年。", "2026-02-27"),
        ("第九条 有效期至2026年12月31日。", "2026-12-31"),
        ("会员卡有效期至2026年12月31日。", ""),
        ("本办法自2024年2月29日起施行，试行期两年。", "2026-02-27"),
        ("本办法自2024年5月1日起施行。监督员证有效期5年。", ""),
        ("一、监督队伍\n监督员证有效期5年。", ""),
    ],
)
def test_the_last_day_is_written_or_counted(text, expires):
    assert describe("云河市灯会管理办法", text).expires_on == expires


@pytest.mark.parametrize(
    ("text", "supersedes"),
    [
        ("《甲办法》《乙办法》同时废止。", ("甲办法", "乙办法")),
        ("2018年印发的《甲办法》（云发〔2018〕1号）自本办法施行之日起废止。", ("甲办法", "云发〔2018〕1号")),
        ("《甲办法》、《乙〈丙〉办法》和《丁办法》予以废止。", ("甲办法", "乙〈丙〉办法", "丁办法")),
        ("依照《甲条例》办理，《乙办法》同时废止。", ("乙办法",)),
        ("同时废止《甲办法》（云发〔2018〕1号）和《乙细则》。", ("甲办法", "云发〔2018〕1号", "乙细则")),
        ("现决定废止2018年印发的《甲办法》。", ("甲办法",)),
        ("《甲办法》（云发〔2018〕1号）及其补充规定同时废止。", ("甲办法", "云发〔2018〕1号")),
        ("《甲办法》自2024年12月31日起停止执行。", ("甲办法",)),
        ("此前印发的云发〔2018〕1号文件同时废止。", ("云发〔2018〕1号",)),
        ("本办法自2024年1月1日起施行，原办法同时废止。", ()),
        ("代表建议同时废止《甲办法》。", ()),
        ("关于决定废止《甲办法》的通知已经收到。", ()),
        ("按云发〔2018〕1号文件执行，不得擅自废止合同。", ()),
        ("《甲办法》规定的补贴停止发放。", ()),
        ("废止《甲办法》的建议没有通过。", ()),
    ],
)
def test_what_is_repealed_is_listed_and_what_is_named_is_not(text, supersedes):
    assert describe("新办法", text).supersedes == supersedes


@pytest.mark.parametrize(
    ("title", "issuer", "region"),
    [
        ("云河市灯会办法", "", "云河市"),
        ("江北省实施《灯会法》办法", "", "江北省"),
        ("中华人民共和国灯会法", "", "全国"),
        ("灯会开幕", "临河县总工会", "临河县"),
        ("城市灯会的未来", "", ""),
        ("社区灯会办法", "", ""),
        ("各市灯会巡礼", "", ""),
    ],
)
def test_the_region_is_the_place_whose_rule_it_is(title, issuer, region):
    assert describe(title, "", issuer=issuer).region == region


@pytest.mark.parametrize(
    ("title", "text", "byline", "issuer"),
    [
        ("云河市总工会办公室关于举办灯会的通知", "", "", "云河市总工会办公室"),
        ("云河市总工会办公室关于举办灯会的通知", "", "云河市总工会", "云河市总工会办公室"),
        ("云河市总工会 云河市财政局关于灯会的通知", "", "", "云河市总工会、云河市财政局"),
        ("中共云河市委组织部关于灯会的通知", "", "", "中共云河市委组织部"),
        (
            "关于灯会的通知",
            "请照办。\n云河市总工会女职工委员会\n2024年2月1日",
            "",
            "云河市总工会女职工委员会",
        ),
        (
            "关于灯会的通知",
            "请照办。\n云河市总工会\n云河市财政局\n2024年2月1日",
            "",
            "云河市总工会、云河市财政局",
        ),
        (
            "关于灯会的通知",
            "请照办。\n云河市总工会　云河市财政局\n2024年2月1日",
            "",
            "云河市总工会、云河市财政局",
        ),
        ("关于灯会的通知", "请照办。\n云 河 市 总 工 会\n2024年2月1日", "", "云河市总工会"),
        (
            "关于灯会的通知",
            "发文机关：云河市总工会办公室　文号：云工办〔2024〕1号\n请照办。",
            "",
            "云河市总工会办公室",
        ),
        ("灯会开幕", "主办方是云河市总工会。", "云河灯会报社", "云河灯会报社"),
        ("关于灯会的通知", "请送云河市总工会\n抄送：云河市财政局", "", ""),
    ],
)
def test_the_issuer_is_named_in_full(title, text, byline, issuer):
    assert describe(title, text, issuer=byline).issuer == issuer


def test_a_repealed_document_says_so_in_its_title_or_name():
    assert describe("灯会办法（已废止）", "").status == "已废止"
    assert describe("灯会办法", "", name="灯会办法（已废止）.docx").status == "已废止"
    assert describe("废止灯会办法的决定", "").status == "未知"


def test_the_files_name_may_give_the_day():
    assert describe("灯会条例", "第一条 甲。", name="灯会条例(2021-12-24).md").published_on == "2021-12-24"


def test_the_history_of_another_document_dates_nothing():
    text = "本文根据2021年12月24日修正的《灯会条例》整理。\n一、时间\n三月。"
    assert describe("灯会问答", text).published_on == ""
    assert (
        describe("灯会条例", "2021年12月24日 云河市第三次会议修正\n第一条 甲。").published_on == "2021-12-24"
    )


@pytest.mark.parametrize(
    ("title", "text", "issuer", "day"),
    [
        ("云河市人民政府办公室转发市灯办关于办灯会意见的通知", "请照办。", "云河市人民政府办公室", ""),
        (
            "关于灯会的通知",
            "请照办。\n云河市总工会\n二〇二四年三月一日\n（此件公开发布）\n附件\n灯会清单\n甲。\n乙。\n丙。\n丁。\n戊。",
            "云河市总工会",
            "2024-03-01",
        ),
        (
            "云河市总工会转发市灯办关于灯会意见的通知",
            "请照办。\n云河市总工会\n2024年3月1日\n关于灯会的意见\n办好灯会。\n云河市灯会委员会\n2024年1月5日",
            "云河市总工会",
            "2024-03-01",
        ),
        ("灯会开幕", "一、灯会\n昨天开幕。\n云河市总工会\n印发了通知。", "", ""),
    ],
)
def test_the_first_signature_is_the_documents_own(title, text, issuer, day):
    found = describe(title, text)
    assert (found.issuer, found.published_on) == (issuer, day)


@pytest.mark.parametrize(
    ("name", "day"),
    [("灯会通知(2009-03-29).docx", "2008-01-03"), ("灯会通知(2008-03-29).docx", "2008-03-29")],
)
def test_a_files_name_does_not_overrule_number_and_signature(name, day):
    text = "云灯发〔2008〕3号\n各街道：\n请照办。\n云河市总工会\n2008年1月3日"
    assert describe("关于灯会的通知", text, name=name).published_on == day


@pytest.mark.parametrize(
    ("text", "effective"),
    [
        (
            "1992年4月3日 第七届全国人民代表大会第五次会议通过\n2021年12月24日 第十三届会议第三次修正\n第九条 本法自公布之日起施行。",
            "1992-04-03",
        ),
        (
            "1999年1月22日 国务院令第259号发布\n2019年3月24日 修订\n第九条 本条例自发布之日起施行。",
            "1999-01-22",
        ),
        ("1998年3月1日 云河市人大常委会通过\n2010年7月30日 修正\n第九条 本条例自公布之日起施行。", ""),
        ("第九条 本办法自二〇二四年元月一日起执行。", "2024-01-01"),
        ("第九条 本办法自2024年5月1号起施行。", "2024-05-01"),
        ("第九条 本办法自公布之日起三十日后施行。", ""),
    ],
)
def test_from_publication_means_the_first_publication(text, effective):
    assert describe("灯会条例", text).effective_on == effective


@pytest.mark.parametrize(
    ("line", "recipients"),
    [
        ("各县（市、区）总工会，市直各单位：", ("各县（市、区）总工会", "市直各单位")),
        ("云河市总工会、云河市财政局：", ("云河市总工会、云河市财政局",)),
        ("主送：云河市总工会", ("云河市总工会",)),
        ("会议强调：", ()),
        ("现将有关事项通知如下：", ()),
        ("各位来宾，大家好。", ()),
        ("各单位要做好下列工作。", ()),
        ("灯会设下列奖项：", ()),
    ],
)
def test_a_notice_names_whom_it_is_addressed_to(line, recipients):
    assert describe("关于灯会的通知", f"云灯发〔2008〕3号\n{line}\n请照办。").recipients == recipients


@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2099, 12, 31)), st.integers(0, 5))
def test_every_day_is_read_in_every_form(day, form):
    digits = "〇一二三四五六七八九"
    year = "".join(digits[int(c)] for c in str(day.year))
    month, at = chinese_numeral(day.month), chinese_numeral(day.day)
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    written = (
        f"{day.year}年{day.month}月{day.day}日",
        f"{year}年{month}月{at}日",
        f"{day.year} 年 {day.month:02} 月 {day.day:02} 日",
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日".translate(wide),
        f"{day.year}/{day.month:02}/{day.day:02}",
    )[form]
    assert iso_date(f"云河市{written}，灯会开幕") == day.isoformat()


@given(
    st.text(alphabet="年月日号第〔〕〇一二十百2024自起至施行废止《》（），。\n 　公布云河市令：", max_size=80)
)
def test_any_text_is_described_without_an_error(text):
    assert describe(text[:20], text, name=text[:9], today="2024-01-01").kind


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("2019-09-07 15:10:53 字号：A- A A+ 来源：云河网", "2019-09-07"),
        ("2019年06月15日08:18 来源：云河网", "2019-06-15"),
        ("• 时间：2019-09-18 06:23 来源： 云河日报", "2019-09-18"),
        ("时间：2019年10月31日 23:00 浏览： 33", "2019-10-31"),
        ("2019-08-13 14:07来源：云河网·政务", "2019-08-13"),
        ("2019年10月31日9:00在街道礼堂集合。", ""),
        ("2019年10月31日，灯会开幕。", ""),
        ("时间：2019年10月31日上午在街道礼堂。", ""),
    ],
)
def test_the_stamp_of_a_web_page_dates_it_and_an_appointment_does_not(line, day):
    assert describe("灯会开幕", f"{line}\n灯会昨晚开幕，来看灯的人很多。\n街坊们都说好。").published_on == day
