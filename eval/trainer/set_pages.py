"""The trainers' pages about question sets: the list, one set, the form of a question, proposals."""

from collections.abc import Sequence
from html import escape
from typing import Any

from eval.dataset import DIFFICULTIES, Case
from eval.sheets import TYPES
from eval.trainer.markup import attributes, button, heading, pager, sure_button, terms
from eval.trainer.workspace import QuestionSet

#: Questions on one page: more make it slow to open and hard to look through.
PAGE = 50
#: Titles offered while one types; with more articles than this, typing a part of the title is enough.
OFFERED_TITLES = 400
#: What the shipped sets are called; a set that is not named here goes by its file.
SHIPPED_NAMES = {
    "law": "法律政策常识",
    "yunhe": "云河市示例文件",
    "desk": "窗口常见问题",
    "refusals": "应当拒答的问题",
}


def set_title(one: QuestionSet) -> str:
    return one.name if one.own else SHIPPED_NAMES.get(one.name, one.name)


# --- question sets ---


def sets_page(sets: Sequence[tuple[QuestionSet, int, int]], run_name: str, *, runs: int) -> str:
    """The sets, each with its number of questions and of those to be refused, and what can be done."""
    own = "".join(_set_row(*row) for row in sets if row[0].own)
    shipped = "".join(_set_row(*row) for row in sets if not row[0].own)
    first = "" if runs else _FIRST_STEPS
    empty = '<p class="blank">还没有自己的题集。可以在下面新建一套，也可以先勾选随附的题集测一次。</p>'
    return (
        heading("题集", "题集里是考题和标准：问什么、回答里必须有什么、哪些问题应当拒答。")
        + first
        + f'<form{attributes(do="start")}><fieldset class="rows"><legend>自己的题集</legend>{own or empty}</fieldset>'
        f'<fieldset class="rows"><legend>随附的题集</legend>{shipped}</fieldset>'
        f'<div class="act"><label>这次测评的名字<input name="name" value="{escape(run_name)}" maxlength="60" required></label>'
        '<button class="primary">开始测评</button></div></form>'
        f'<div class="ways">{_NEW_SET}{_UPLOAD}</div>'
    )


_FIRST_STEPS = (
    '<ol class="steps"><li><b>准备题集</b>自己写、从文件里出题，或用随附的</li><li><b>开始测评</b>助手逐题作答，自动评分</li>'
    "<li><b>看结果</b>哪些没答对、错在哪一步</li><li><b>比较</b>改进之后再测一次，看是不是真的变好</li></ol>"
)
_NEW_SET = (
    f'<form class="way"{attributes(do="create")}><h3>新建题集</h3><p>从一道题开始，边写边测。</p>'
    '<label>名字<input name="name" maxlength="60" required placeholder="如：窗口常见问题"></label>'
    "<button>新建</button></form>"
)
_UPLOAD = (
    '<div class="way"><h3>上传题集</h3><p>支持 Excel（.xlsx）、CSV 和 JSONL。第一次用请先下载模板，照着填。</p>'
    '<label class="file">选择文件<input type="file" accept=".xlsx,.csv,.jsonl" data-upload="upload"></label>'
    f"<p>{button('下载 Excel 模板', 'template', suffix='xlsx')}{button('下载 CSV 模板', 'template', suffix='csv')}</p></div>"
)


def _set_row(one: QuestionSet, total: int, refuse: int) -> str:
    counted = f"{total} 题" + (f"，其中应拒答 {refuse}" if refuse else "") if total else "还没有题"
    return (
        f'<div class="row"><label><input type="checkbox" name="set" value="{escape(one.key)}"'
        f"{' disabled' if not total else ''}>"
        f"<b>{escape(set_title(one))}</b><small>{counted}</small></label>"
        f"{button('修改' if one.own else '查看', 'open_set', key=one.key)}</div>"
    )


def set_page(
    one: QuestionSet,
    cases: Sequence[Case],
    titles: Sequence[tuple[str, str]],
    *,
    start: int = 0,
    find: str = "",
) -> str:
    """A set with its questions and, for an own one, ways to add some. ``titles``: (title, file)."""
    refuse = sum(not c.answerable for c in cases)
    hint = f"{len(cases)} 题：能回答 {len(cases) - refuse}，应拒答 {refuse}。" if cases else ""
    tools = "".join(
        button(f"下载{kind}", "download_set", key=one.key, suffix=suffix)
        for kind, suffix in ((" Excel", "xlsx"), (" CSV", "csv"), (" JSONL", "jsonl"))
    )
    tools += button("复制一份来改" if not one.own else "复制一份", "copy_set", key=one.key)
    if cases:
        tools += button("出抗干扰题", "probe_set", key=one.key)
    if one.own:
        tools += sure_button("删除题集", "确定删除这套题？", "remove_set", key=one.key)
    use = button("用这套题测评", "start", "primary", set=one.key, name="") if cases else ""
    return (
        heading(set_title(one), hint, back=button("← 全部题集", "sets", "back"))
        + f'<div class="tools">{use}{tools}</div>'
        + (_ways_to_add(one, cases, titles) if one.own else "")
        + _questions(one, cases, start=start, find=find)
        + _titles(titles)
    )


def _ways_to_add(one: QuestionSet, cases: Sequence[Case], titles: Sequence[tuple[str, str]]) -> str:
    blank = "" if cases else '<p class="blank">这套题还是空的：写第一道题，或者挑一篇文章让程序出几道。</p>'
    form = case_form(do="add_case", key=one.key, submit="加入题集")
    choose = (
        f'<form class="line"{attributes(do="propose", key=one.key)}><label>文章标题<input name="article" list="titles" '
        'required placeholder="输入标题或其中几个字"></label><button>出题</button></form>'
        if titles
        else '<p class="blank">资料库还是空的，请先到“资料库”页添加文件。</p>'
    )
    return (
        f'{blank}<details class="add" open><summary>写一道题</summary>{form}</details>'
        f'<details class="add"><summary>从一篇文章出题</summary><p class="page-hint">程序按文章里的数字、日期、列举和定义提出考题，'
        f"您逐条改好、收下的才进题集。</p>{choose}</details>"
    )


def _titles(titles: Sequence[tuple[str, str]]) -> str:
    options = "".join(
        f'<option value="{escape(title)}">{escape(file)}</option>' for title, file in titles[:OFFERED_TITLES]
    )
    return f'<datalist id="titles">{options}</datalist>'


def _questions(one: QuestionSet, cases: Sequence[Case], *, start: int, find: str) -> str:
    if not cases:
        return ""
    found = [c for c in cases if find.casefold() in f"{c.question} {c.id}".casefold()]
    search = (
        f'<form class="line"{attributes(do="open_set", key=one.key)}><label class="sr" for="find-case">查找题目</label>'
        f'<input id="find-case" name="find" value="{escape(find)}" placeholder="按题目查找"><button>查找</button></form>'
        if len(cases) > 10
        else ""
    )
    rows = "".join(_question_row(one, case) for case in found[start : start + PAGE])
    return (
        f"<h3>题目</h3>{search}<div class='questions'>{rows or '<p class=blank>没有符合的题。</p>'}</div>"
        + pager(len(found), start, PAGE, "open_set", key=one.key, find=find)
    )


def _question_row(one: QuestionSet, case: Case) -> str:
    tools = open_in_chat(case)
    if one.own:
        tools = button("修改", "edit_case", key=one.key, case=case.id) + tools
        tools += sure_button("删除", "确定删除？", "remove_case", key=one.key, case=case.id)
    mark = "" if case.answerable else '<span class="flag">应拒答</span>'
    return (
        f"<details><summary><b>{escape(case.question)}</b>{mark}<small>{escape(case.id)}</small></summary>"
        f'{expected(case)}<div class="tools">{tools}</div></details>'
    )


def open_in_chat(case: Case) -> str:
    return button("在问答中打开", "ask", question=case.question)


def expected(case: Case) -> str:
    """What a right answer to the case holds, as a list of terms."""
    rows = [
        ("应有", "；".join(" 或 ".join(group) for group in case.must) if case.must else ""),
        ("应当", "" if case.answerable else "拒答：资料库里没有答案"),
        ("不得出现", "；".join(case.must_not)),
        ("文章", case.article),
        ("文件", "、".join(case.source)),
        ("条款", "；".join(c.replace("|", " 或 ") for c in case.clauses)),
        ("前面的对话", " ／ ".join(f"{q} → {a}" for q, a in case.history)),
        ("以这一天为准", case.as_of),
        ("类别", TYPES.get(case.category, case.category) if case.category != "other" else ""),
        ("难度", case.difficulty),
        ("备注", case.note),
    ]
    return terms(rows)


# --- the form of a question ---


def case_form(
    case: Case | None = None, *, do: str, key: str, submit: str, extra: str = "", number: int = 0
) -> str:
    """The form that writes, edits or accepts a question. ``number`` tells several on a page apart."""
    case = case or Case(id="", question="")
    can, cannot = ("checked", "") if case.answerable else ("", "checked")
    return f"""<form class="case" id="case-{number}"{attributes(do=do, key=key, case=case.id, form=f"case-{number}", draft=f"{do}-{key}-{case.id}")}>
<label>问题<textarea name="question" rows="2" required maxlength="2000" placeholder="照群众会怎么问来写">{escape(case.question)}</textarea></label>
<fieldset class="choice"><legend>资料库里有没有答案</legend>
<label><input type="radio" name="answerable" value="1" {can}>有，应当回答</label>
<label><input type="radio" name="answerable" value="0" {cannot}>没有，应当拒答</label></fieldset>
<div class="when-answerable"><label>回答里必须有的<small>一行一个；同一个意思的不同写法用“|”隔开，如：25人|二十五人</small>
<textarea name="must" rows="2">{escape(facts_text(case))}</textarea></label>
<label>依据的文章<small>可以不填；填了就会检查引用对不对</small>
<input name="article" list="titles" value="{escape(case.article)}" placeholder="输入标题或其中几个字"></label></div>
<details{" open" if _has_more(case) else ""}><summary>更多要求</summary>{_more(case)}</details>
<div class="tools"><button class="primary">{escape(submit)}</button>{extra}</div></form>"""


def facts_text(case: Case) -> str:
    """The facts as the form shows them: a line each, alternatives parted by “|”."""
    return "\n".join("|".join(group) for group in case.must)


def _has_more(case: Case) -> bool:
    return bool(case.must_not or case.as_of)


def _more(case: Case) -> str:
    return f"""<div class="when-answerable"><label>依据的条款<small>一行一条，如：工会法 第四十三条；几条都行的用“|”隔开</small>
<textarea name="clauses" rows="2">{escape(chr(10).join(case.clauses))}</textarea></label></div>
<label>不得出现的内容<small>一行一个，如旧标准里的数字</small><textarea name="must_not" rows="2">{escape(chr(10).join(case.must_not))}</textarea></label>
<div class="pair"><label>类别<select name="type">{_options(TYPES.items(), case.type)}</select></label>
<label>难度<select name="difficulty">{_options([("", "不分"), *((d, d) for d in DIFFICULTIES)], case.difficulty)}</select></label>
<label>以这一天为准<input type="date" name="as_of" value="{escape(case.as_of)}"></label></div>"""


def _options(choices: Any, chosen: str) -> str:
    return "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(text)}</option>'
        for value, text in choices
    )


def edit_page(one: QuestionSet, case: Case, titles: Sequence[tuple[str, str]]) -> str:
    """One question of an own set, to be changed."""
    back = button(f"← {one.name}", "open_set", "back", key=one.key)
    form = case_form(case, do="save_case", key=one.key, submit="保存")
    return heading("修改题目", case.id, back=back) + form + _titles(titles)


def proposals_page(
    one: QuestionSet, article: str, proposed: Sequence[tuple[Case, str]], titles: Sequence[tuple[str, str]]
) -> str:
    """Questions proposed from an article with the reason of each; each is a form of its own."""
    back = button(f"← {one.name}", "open_set", "back", key=one.key)
    hint = "逐条看：改好问题和事实，收下合适的。没有收下的不会进题集。"
    forms = "".join(
        f'<article class="proposal" id="proposal-{n}"><p class="page-hint">{escape(reason)}</p>'
        + case_form(case, do="accept", key=one.key, submit="收入题集", extra=_SET_ASIDE, number=n)
        + "</article>"
        for n, (case, reason) in enumerate(proposed, 1)
    )
    blank = (
        '<p class="blank">这篇文章里没有找到适合出题的数字、日期、列举或定义。可以换一篇，或者自己写。</p>'
    )
    return (
        heading(f"从《{article}》出题", hint if proposed else "", back=back)
        + (forms or blank)
        + _titles(titles)
    )


_SET_ASIDE = button("不要", "drop")
