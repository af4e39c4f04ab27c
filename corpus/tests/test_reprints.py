"""Reprints are found and listed; versions, forms filled in anew and next year's notices are not reprints."""

import json

import pytest

from corpus.__main__ import main
from corpus.testing import make_document, make_store
from corpus.types import Article
from corpus.versions.collation import counterpart, is_reprint
from corpus.versions.reprints import bands, signature

NEWS = """云河市总工会昨天在滨江广场启动“凉茶进工地”活动，为户外劳动者送去清凉。
活动将走进全市四十二处工地，每周二、周四上午为一线职工煮茶、量血压，并请医生讲解怎样预防中暑。负责人介绍，去年夏天同样的活动走进三十处工地，很受工友欢迎。
家住河东的泥瓦工老郝说，喝上一碗凉茶，歇上一刻钟，下午干活更有劲。志愿者还把急救药箱留在工地，由班组长保管。"""
NOTICE = """关于做好2023年职工疗休养工作的通知
各基层工会：
为保障职工休息的权利，现将今年疗休养工作的有关事项通知如下。
一、疗休养每人每年不超过五天，所需经费由单位行政和工会各担一半，不得以现金发放。
二、各单位应当在六月底前报送名单，优先安排一线职工、劳动模范和长期在艰苦岗位工作的职工。
三、基层工会可以与定点机构签订协议，并把协议报上级工会备案。
云河市总工会
2023年3月6日"""
RULES = """云河市职工书屋管理办法
第一条　为了规范职工书屋的管理，满足职工读书学习的需要，制定本办法。
第二条　职工书屋由基层工会管理，藏书不少于五百册，每年更新不少于五十册。
第三条　职工书屋每周开放不少于三天，开放时间应当向职工公布。
第四条　图书丢失的，借阅人按原价赔偿。
第五条　本办法自公布之日起施行。"""


def article(text, **fields):
    return Article(id="1/1", source_id="1", ordinal=1, text=text, **fields)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("the same", NEWS),
        ("another source line", f"来源：云河晚报  记者：方一舟\n{NEWS}"),
        ("a dateline", f"本报讯（记者 方一舟）{NEWS}"),
        ("without its last paragraph", NEWS.rpartition("\n")[0]),
        ("edited lightly", NEWS.replace("启动", "开展").replace("很受", "深受").replace("负责人介绍，", "")),
        ("broken into lines elsewhere", NEWS.replace("，", "，\n")),
        ("full width digits and spaces", NEWS.replace("“", " “ ").replace("，", ", ")),
    ],
)
def test_a_reprint_of_news_is_known(name, other):
    first, second = (
        article(NEWS, kind="新闻", title="凉茶进工地"),
        article(other, kind="新闻", title="清凉送工友"),
    )
    assert (is_reprint(first, second), is_reprint(second, first)) == (True, True)


@pytest.mark.parametrize(
    ("name", "text", "kind", "changes"),
    [
        ("a number", NEWS, "新闻", {"四十二处": "三十八处"}),
        ("a place throughout", NEWS, "新闻", {"云河市": "青浦市"}),
        ("one name for another", NEWS.replace("河东", "上海"), "新闻", {"上海": "北京"}),
        ("the year alone", NOTICE, "通知", {"2023": "2024"}),
        ("the county alone", NOTICE, "通知", {"云河市": "临江县"}),
        ("one word of a duty", NOTICE, "通知", {"可以与": "应当与"}),
        ("another share", NOTICE, "通知", {"各担一半": "各担三成"}),
        (
            "an item more",
            NOTICE,
            "通知",
            {"\n云河市总工会": "\n四、疗休养期间的安全由承办机构负责。\n云河市总工会"},
        ),
        ("a clause more", RULES, "办法", {"第五条": "第五条　职工书屋应当配备电子阅读设备。\n第六条"}),
        ("a clause worded anew", RULES, "办法", {"按原价赔偿": "赔偿同一版本的图书或者书款"}),
        ("a clause with another number", RULES, "办法", {"五百册": "八百册"}),
        ("a sentence more inside", RULES, "办法", {"向职工公布。": "向职工公布。节假日照常开放。"}),
    ],
)
def test_what_differs_in_what_counts_is_another_document(name, text, kind, changes):
    other = text
    for old, new in changes.items():
        assert old in other
        other = other.replace(old, new)
    first, second = (
        article(text, kind=kind, title="一样的题目"),
        article(other, kind=kind, title="一样的题目"),
    )
    assert (is_reprint(first, second), is_reprint(second, first)) == (False, False)


@pytest.mark.parametrize(
    ("name", "fields", "others"),
    [
        ("number", {"number": "云工发〔2023〕5号"}, {"number": "云工发〔2024〕5号"}),
        ("day of effect", {"effective_on": "2019-01-01"}, {"effective_on": "2024-01-01"}),
        ("year in the title", {"title": "疗休养办法（2019年）"}, {"title": "疗休养办法（2024年）"}),
        ("day of issue, a year apart", {"published_on": "2023-09-29"}, {"published_on": "2024-09-29"}),
    ],
)
def test_the_same_words_under_another(name, fields, others):
    assert not is_reprint(article(NEWS, **fields), article(NEWS, **others))
    assert is_reprint(article(NEWS, **fields), article(NEWS, **fields))


def test_a_law_with_and_without_its_contents_and_with_its_history_told_otherwise_is_one():
    listed = RULES.replace(
        "\n第一条", "\n2015年3月1日通过\n2021年6月5日修正\n目录\n第一章　书屋\n第一章　书屋\n第一条", 1
    )
    told = RULES.replace(
        "\n第一条", "\n（2015年3月1日通过 根据2021年6月5日的决定修正）\n第一章　书屋\n第一条", 1
    )
    before = told.replace("根据2021年6月5日的决定修正", "根据2018年6月5日的决定修正")
    assert is_reprint(article(listed, kind="办法"), article(told, kind="办法"))
    assert not is_reprint(article(listed, kind="办法"), article(before, kind="办法"))


def test_short_texts_are_never_reprints():
    text = "现将有关事项通知如下，请遵照执行。"
    assert signature(text) is None
    assert not is_reprint(article(text), article(text))


def test_signatures_do_not_change_between_versions_of_the_program():
    """They stand in catalogues: other ones would find nothing that is held."""
    made = signature(NEWS)
    assert [len(made), len(bands(made)), int(made[0]), bands(made)[0]] == [84, 28, 17530771, 102241523515685]


def put(writer, number, **fields):
    writer.put(*make_document(str(number), articles=[fields]))


def test_reprints_are_linked_as_they_come_and_the_issuers_copy_answers(tmp_path):
    with make_store(tmp_path) as store, store.writing() as writer:
        put(writer, 1, text=f"来源：云河晚报\n{NEWS}", kind="新闻", published_on="2024-07-01")
        put(writer, 2, text=NOTICE, kind="通知")
        put(writer, 3, text=NEWS, kind="新闻", published_on="2024-07-02")
        assert order(store, "1/1") == ["3/1", "1/1"]
        put(writer, 4, text=NEWS, kind="新闻", published_on="2024-07-03", issuer="云河市总工会")
        assert order(store, "1/1") == order(store, "3/1") == order(store, "4/1") == ["4/1", "3/1", "1/1"]
        assert store.reprints(["2/1"]) == {}
        writer.remove("4")
        assert order(store, "1/1") == ["3/1", "1/1"]
        put(writer, 3, text=NOTICE.replace("2023", "2024"), kind="通知")
        assert store.reprints(["1/1", "2/1", "3/1"]) == {}


def order(store, article_id):
    return [a.id for a in store.reprints([article_id])[article_id]]


def test_a_copy_that_is_hard_to_read_does_not_answer(tmp_path):
    with make_store(tmp_path) as store, store.writing() as writer:
        put(writer, 1, text=NEWS, issuer="云河市总工会", quality=0.3)
        put(writer, 2, text=NEWS, quality=0.9)
        assert order(store, "1/1") == ["2/1", "1/1"]


def test_a_store_made_before_there_were_reprints_learns_of_them_at_the_next_writing(tmp_path):
    with make_store(tmp_path, [NEWS, NEWS, NOTICE]) as store:
        store._catalogue.connection().execute("DELETE FROM signatures")
        store._catalogue.connection().execute("DELETE FROM reprints")
        with store.writing():
            pass
        assert order(store, "2/1") == ["1/1", "2/1"]
        assert store.reprints(["3/1"]) == {}


def test_bands_are_looked_up_not_scanned(tmp_path):
    """One more article costs little however many are held."""
    with make_store(tmp_path) as store:
        plan = store._catalogue.connection().execute(
            "EXPLAIN QUERY PLAN SELECT s.article FROM signature_bands b JOIN signatures s"
            " ON s.number = b.signature WHERE b.band IN (1, 2, 3)"
        )
        assert [row[3].split(" ")[0] for row in plan.fetchall()] == ["SEARCH", "SEARCH"]


def test_list_and_show_say_in_words_where_else_a_document_stands(tmp_path, capsys):
    with make_store(tmp_path) as store, store.writing() as writer:
        put(writer, 1, text=NEWS, title="凉茶进工地", published_on="2024-07-01")
        put(writer, 2, text=NEWS, title="清凉送工友", published_on="2024-07-02")
        put(writer, 3, text=NOTICE)
    told = {
        "1": "另见：2/1（文件2.txt）转载，内容相同。",
        "2": "转载：与 1/1（文件1.txt）内容相同，回答时引用那一份。",
    }
    folder = ["--store", str(tmp_path / "store"), "--json"]
    assert main(["list", *folder]) == 0
    listed = {s["id"]: s["reprints"] for s in json.loads(capsys.readouterr().out)}
    assert listed == {"1": [told["1"]], "2": [told["2"]], "3": []}
    assert main(["show", "2/1", *folder]) == 0
    assert json.loads(capsys.readouterr().out)["reprints"] == told["2"]
    assert main(["show", "3", *folder]) == 0
    assert json.loads(capsys.readouterr().out)["articles"][0]["reprints"] == ""


def test_what_a_reprint_says_is_found_in_the_other_copy_unless_a_number_differs():
    _, _, passages, _ = make_document(articles=[NEWS])
    lines = NEWS.split("\n")
    assert counterpart(lines[1].replace("很受", "深受"), passages) == passages[1]
    assert counterpart(lines[1].replace("四十二", "四十三"), passages) is None
    assert counterpart("另有一段只在转载时加上的话，说的是别的事情。", passages) is None
