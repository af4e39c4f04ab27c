"""Exported conversations carry every sentence with its sources, and nothing breaks the file."""

import io
import zipfile

import docx

from assistant import export
from assistant.tests.fakes import NASTY, answered, refusal
from assistant.window.turn import Turn

CONVERSATION = [
    Turn(question="标准是多少？", answer=answered("标准是多少？", "1/1/1")),
    Turn(question="没有答案", problem="出错了"),
    Turn(question="天气？", answer=refusal("天气？")),
]
PLACE = "《云河市困难职工慰问办法（示例）》第四条，林晓禾，云河市总工会，云工发〔2025〕7号，2025-03-12，慰问办法.docx 第 2 页"
SENTENCE = "第四条 基层工会开展困难职工慰问，标准为每人每次不超过 1500 元。"


def test_markdown_holds_questions_answers_quotes_and_places():
    assert export.to_markdown(CONVERSATION) == (
        "# 工会政策问答记录\n\n"
        "## 1. 标准是多少？\n\n"
        f"{SENTENCE}\\[1\\]\n\n"
        "**来源**\n\n"
        f"- \\[1\\] {PLACE}\n  > {SENTENCE}\n\n"
        "说明：一句话没有通过校验，已经略去。\n\n"
        "## 3. 天气？\n\n"
        "**依据不足：资料库中没有找到足够的依据**\n\n"
        "说明：资料中没有提到问题里的事项。\n"
    )


def test_word_holds_the_same():
    document = docx.Document(io.BytesIO(export.to_docx(CONVERSATION)))
    assert [p.text for p in document.paragraphs] == [
        "工会政策问答记录",
        "1. 标准是多少？",
        f"{SENTENCE}[1]",
        "来源",
        f"[1] {PLACE}",
        SENTENCE,
        "说明：一句话没有通过校验，已经略去。",
        "3. 天气？",
        "依据不足：资料库中没有找到足够的依据",
        "说明：资料中没有提到问题里的事项。",
    ]


def test_markup_in_documents_is_not_markup_in_exports():
    turns = [Turn(question=NASTY, answer=answered(NASTY, "3/1/1"))]
    assert "<img" not in export.to_markdown(turns).replace("\\<", "")
    packed = zipfile.ZipFile(io.BytesIO(export.to_docx(turns)))
    assert "<img" not in packed.read("word/document.xml").decode()


def test_word_survives_characters_that_xml_cannot_hold():
    turns = [Turn(question="问\x00题\x0b", answer=answered("问", "1/1/1"))]
    document = docx.Document(io.BytesIO(export.to_docx(turns)))
    assert document.paragraphs[1].text == "1. 问题"
