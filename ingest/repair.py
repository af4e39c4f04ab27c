"""Undo what printing, extraction and OCR did to a text: a chain of small repairs, each accountable.

Every repair takes lines and returns lines, and says what it changed as ``Change`` records;
a Chinese character of the input that is missing from the output stands in one of them.
Quotation marks keep their form and full-width characters stay full-width: both carry meaning.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.lines import Line, joined
from ingest.page.headlines import Kind, kind_of
from ingest.repairs.changes import Change, Repair, each
from ingest.repairs.characters import (
    COUNTING,
    clean_characters,
    close_spaced,
    close_spaces,
    drop_emphasis,
    narrow_numbers,
    whole_characters,
)
from ingest.repairs.doubles import drop_echoes, drop_run_in_titles, undouble_heading, undouble_marks
from ingest.repairs.joining import join_lines
from ingest.repairs.loops import cut_stutter, drop_loops
from ingest.repairs.running_heads import lift_running_heads


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """修复结果: paragraphs and headings, a line each; Chinese warnings for whoever added the file; the changes."""

    lines: tuple[Line, ...]
    warnings: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()


def repair(lines: Sequence[Line]) -> Repaired:
    """Run the chain over the lines of one file, in reading order."""
    changes: list[Change] = []
    now = list(lines)
    for _, step in CHAIN:
        now, made = step(now)
        changes += made
    loops = [change for change in changes if change.repair == "重复段落"]
    warnings: tuple[str, ...] = ()
    if loops:
        cut = "、".join(f"“{change.before[:12]}…”" for change in loops[:3])
        warnings = (
            f"文件中有{len(loops)}处文字重复出现（疑为识别错误），只保留了一处：{cut}，请对照原件核实。",
        )
    return Repaired(lines=tuple(now), warnings=warnings, changes=tuple(changes))


# ---- set upright, glued to a sentence --------------------------------------------------------


def join_upright(lines: list[Line]) -> tuple[list[Line], list[Change]]:
    """A label set upright, one character a line: 【, 工, 会, 博, 览, 】 → 【工会博览】."""
    out: list[Line] = []
    changes: list[Change] = []
    at = 0
    while at < len(lines):
        end = at
        while (
            end < len(lines)
            and len(lines[end].text.strip()) == 1
            and (end == at or not lines[end].blank_before)
        ):
            end += 1
        text = "".join(line.text.strip() for line in lines[at:end])
        if _upright(text):
            out.append(joined(lines[at:end]))
            changes.append(Change("竖排文字", lines[at].page, "\n".join(text), text))
            at = end
        else:
            out.append(lines[at])
            at += 1
    return out, changes


def _upright(text: str) -> bool:
    """Whether single characters spell a label: in brackets, or three or more that differ and do not count."""
    inner = re.fullmatch(r"[【\[（《]([\u3400-\u9fff]{2,12})[】\])）》]", text)
    if inner:
        return True
    alone = re.fullmatch(r"[\u3400-\u9fff]{3,16}", text)
    return bool(alone) and len(set(text)) > len(text) * 2 // 3 and not set(text) & COUNTING


_GLUED = re.compile(
    r"(?<=[。！？”）])\s*(?P<tail>(?:来源|作者|摘自|转自)\s*[:：].{2,40}|[\u4e00-\u9fff][\u4e00-\u9fff \u3000、]{1,24}(?:摄影报道|摄影|图/文|文/图|供图|摄))$"
)


def part_credits(lines: list[Line]) -> tuple[list[Line], list[Change]]:
    """Source, author and photo credit that end a paragraph's line get a line of their own."""
    out: list[Line] = []
    for line in lines:
        found = _GLUED.search(line.text)
        tail = (
            replace(line, text=found["tail"].strip(), blank_before=False, level=0, whole=True)
            if found
            else None
        )
        if found and tail and kind_of(tail) in (Kind.SOURCE, Kind.SIGNED, Kind.CREDIT):
            out += [replace(line, text=line.text[: found.start()].rstrip()), tail]
        else:
            out.append(line)
    return out, []


CHAIN: tuple[tuple[str, Repair], ...] = (
    ("杂字符", each("杂字符", clean_characters)),
    ("部首字符", each("部首字符", whole_characters)),
    ("全角数字", each("全角数字", narrow_numbers)),
    ("强调符号", each("强调符号", drop_emphasis)),
    ("重影标题", each("重影标题", undouble_heading)),
    ("重影引号", each("重影引号", undouble_marks)),
    ("重影行", drop_echoes),
    ("拉开的字", each("拉开的字", close_spaced)),
    ("竖排文字", join_upright),
    ("粘连署名", part_credits),
    ("页眉", lift_running_heads),
    ("断行", join_lines),
    ("标题重复", drop_run_in_titles),
    ("重复段落", drop_loops),
    ("口吃", each("重复段落", cut_stutter)),
    ("多余空格", each("多余空格", close_spaces)),
)
