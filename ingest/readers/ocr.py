"""Character recognition: the lines of a picture, each with its place and how sure the reading is.

The models come with ``rapidocr`` and are loaded once a process; nothing is fetched. Lines are
found on a picture of middling size, which is faster and no worse, and read off the full one.
"""

import functools
import logging
import math
import os
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import cv2
import numpy as np

from corpus.types import Box
from ingest import quality
from ingest.description.names import byline
from ingest.lines import Line, Turned
from ingest.workers import heartbeat

#: Below it a line is noise: a stamp's edge, a drawing, dirt.
_LEAST_SURE = 0.5
_FIND_SIDE = 1600  # pixels of the longer side on which lines are looked for, where print is of usual size …
_FIND_LARGE = 2400  # … and where it is small
_SMALL_PRINT = 14  # pixels a line is high when it is found: below, a larger picture finds more
_LEAST_SIDE = 736  # pixels: smaller pictures are framed …
_TINY = 400  # … and tiny ones enlarged
_LEAST_SLOPE = 0.002  # of a sheet that lies askew: with less, a line stays in its box across a page
_TURNED = 1.5  # a line this much higher than wide runs down the picture
_ASKED = 9  # the longest lines, which are asked for the way up
_SAME_PRINT = 1.3  # the largest box of one print against its smallest
_NAME = 8  # characters of the longest line that can be a name alone
#: Letters that recognition takes for their traditional form, most often in headlines.
_FORMS = dict(
    zip(
        "會總國發業務勞職動條區縣員無與產經實關應問題報導學習開門書記長東車馬時間體機構聯係維護權益辦廠黨團結創競賽獎勵優劃計"
        "設備調査標準則訂規範證據資費稅養醫療傷殘濟幫險單雙數據網絡綫際點區類農鄉鎮鄭陳張劉趙孫楊吳馮葉許鄧蕭羅蘇盧鄒",
        "会总国发业务劳职动条区县员无与产经实关应问题报导学习开门书记长东车马时间体机构联系维护权益办厂党团结创竞赛奖励优划计"
        "设备调查标准则订规范证据资费税养医疗伤残济帮险单双数据网络线际点区类农乡镇郑陈张刘赵孙杨吴冯叶许邓萧罗苏卢邹",
        strict=True,
    )
)
_TRADITIONAL = {ord(old): new for old, new in _FORMS.items() if old != new}
_SIMPLE = frozenset(_TRADITIONAL.values())


class Read(NamedTuple):
    """A line as it was read: text, box in pixels (on the sheet set straight), height, how sure that is (0–1)."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    height: float
    sure: float


def lines(picture: np.ndarray, *, page: int = 1, points: float = 0.75) -> tuple[list[Line], int]:
    """The lines of a picture, top down, and the number of quarter turns that set it upright.

    ``picture`` is RGB, height × width × 3, uint8; ``points`` is what a pixel measures in
    points. The lines' places are on the sheet set straight. What recognition is not sure of is marked in the text (see ``quality.marked``).
    """
    scale, framed = _framed(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    upright, turns, found = _upright(framed)
    slope = _slope(found)
    read = _in_rows([line for box in found if (line := _read(upright, box, slope)) is not None])
    texts = simplified([line.text for line in read])
    read = [line._replace(text=text) for line, text in zip(read, texts, strict=True)]
    sizes = _even([line.height for line in read])
    points /= scale
    turned = Turned(turns, framed.shape[1] * points, framed.shape[0] * points, slope)
    askew = turned if turns or abs(slope) >= _LEAST_SLOPE else None
    return [_line(line, size, page, points, askew) for line, size in zip(read, sizes, strict=True)], turns


def _line(line: Read, height: float, page: int, points: float, turned: Turned | None) -> Line:
    places = (round(at * points, 1) for at in line[1:5])
    is_name = len(line.text) <= _NAME and byline(line.text) is not None
    return Line(
        text=quality.marked(line.text, line.sure, is_name=is_name),
        page=page,
        box=Box(page, *places),
        size=round(height * points, 1),
        sure=round(line.sure, 3),
        turned=turned,
    )


def simplified(texts: Sequence[str]) -> list[str]:
    """The texts of one sheet; traditional letters that strayed among simplified ones are folded."""
    letters = [char for text in texts for char in text]
    strayed = sum(ord(char) in _TRADITIONAL for char in letters)
    usual = sum(char in _SIMPLE for char in letters)
    return [text.translate(_TRADITIONAL) for text in texts] if 0 < strayed <= usual else list(texts)


# ── the engine ────────────────────────────────────────────────────────────────────────


@functools.cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)  # its remarks are not for our users
    cores = _cores()
    cv2.setNumThreads(cores)
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.max_side_len": _FIND_LARGE,
            "EngineConfig.onnxruntime.intra_op_num_threads": cores,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _cores() -> int:
    """The processors this process may use; more threads than that only wait for each other."""
    allowed = getattr(os, "sched_getaffinity", None)
    return min(len(allowed(0)) if allowed else os.cpu_count() or 1, 4)


def _found(picture: np.ndarray, side: int) -> list[np.ndarray]:
    """Boxes of lines, four corners each, in the picture's own pixels."""
    scale = min(1.0, side / max(picture.shape[:2]))
    small = picture
    if scale < 1:
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    boxes = _engine()(small, use_det=True, use_cls=False, use_rec=False).boxes
    heartbeat.beat()
    return [] if boxes is None else [(np.asarray(box) / scale).astype(np.float32) for box in boxes]


def _read(picture: np.ndarray, box: np.ndarray, slope: float) -> Read | None:
    from rapidocr.utils.process_img import get_rotate_crop_image

    strip = get_rotate_crop_image(picture, box.copy())
    if min(strip.shape[:2]) < 3:
        return None
    told = _engine()(strip, use_det=False, use_cls=False, use_rec=True)
    heartbeat.beat()
    if not told.txts or not (text := told.txts[0].strip()) or told.scores[0] < _LEAST_SURE:
        return None
    height = min(_sides(box))
    middle = float((box[:, 1] - slope * (box[:, 0] - picture.shape[1] / 2)).mean())
    left, right = float(box[:, 0].min()), float(box[:, 0].max())
    half = (_sides(box)[1] if _sides(box)[0] >= _sides(box)[1] else float(np.ptp(box[:, 1]))) / 2
    return Read(text, left, middle - half, right, middle + half, height, float(told.scores[0]))


def _framed(picture: np.ndarray) -> tuple[float, np.ndarray]:
    """Tiny pictures enlarged, small ones with paper around them, and by how much they were enlarged.

    The engine would enlarge any small picture to its least size, at the price of a page.
    """
    height, width = picture.shape[:2]
    scale = min(3.0, _TINY / max(height, width))
    if scale > 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        height, width = picture.shape[:2]
    paper = [int(np.median(picture[[0, -1], :, channel])) for channel in range(3)]
    below, right = max(_LEAST_SIDE - height, 0), max(_LEAST_SIDE - width, 0)
    framed = cv2.copyMakeBorder(picture, 0, below, 0, right, cv2.BORDER_CONSTANT, value=paper)
    return max(scale, 1.0), framed


# ── the right way up ──────────────────────────────────────────────────────────────────


def _upright(picture: np.ndarray) -> tuple[np.ndarray, int, list[np.ndarray]]:
    """The picture as it is read, the quarter turns (clockwise) that took, and its lines."""
    boxes = _boxes(picture)
    turns = 0
    long = [box for box in boxes if max(_sides(box)) > 3 * min(_sides(box))]
    down = sum(_sides(box)[1] > _TURNED * _sides(box)[0] for box in long)
    if len(long) >= 3 and down > 0.7 * len(long):
        picture, turns = np.ascontiguousarray(np.rot90(picture, -1)), 1
        boxes = _boxes(picture)
    if _is_upside_down(picture, boxes):
        picture, turns = np.ascontiguousarray(np.rot90(picture, 2)), turns + 2
        boxes = _boxes(picture)
    return picture, turns, boxes


def _boxes(picture: np.ndarray) -> list[np.ndarray]:
    boxes = _found(picture, _FIND_SIDE)
    if not boxes or max(picture.shape[:2]) <= _FIND_SIDE:
        return boxes
    scale = _FIND_SIDE / max(picture.shape[:2])
    if median(min(_sides(box)) for box in boxes) * scale < _SMALL_PRINT:
        return _found(picture, _FIND_LARGE)
    return boxes


def _sides(box: np.ndarray) -> tuple[float, float]:
    """Width and height of a line's box."""
    return math.dist(box[0], box[1]), math.dist(box[1], box[2])


def _slope(boxes: Sequence[np.ndarray]) -> float:
    """How far the sheet lies askew: pixels down for each pixel to the right, over its long lines."""
    slopes = [
        float(box[1][1] - box[0][1]) / float(box[1][0] - box[0][0])
        for box in boxes
        if _sides(box)[0] > 5 * _sides(box)[1] and box[1][0] > box[0][0]
    ]
    return median(slopes) if len(slopes) >= 3 else 0.0


def _is_upside_down(picture: np.ndarray, boxes: Sequence[np.ndarray]) -> bool:
    from rapidocr.utils.process_img import get_rotate_crop_image

    wide = sorted(
        (box for box in boxes if _sides(box)[0] > 3 * _sides(box)[1]), key=lambda box: -_sides(box)[0]
    )
    told: list[tuple[str, float]] = []
    for box in wide[:_ASKED]:
        strip = get_rotate_crop_image(picture, box.copy())
        told += _engine()(strip, use_det=False, use_cls=True, use_rec=False).cls_res or []
    return len(told) >= 2 and sum(label == "180" for label, _ in told) > 0.6 * len(told)


# ── rows ──────────────────────────────────────────────────────────────────────────────


def _in_rows(read: list[Read]) -> list[Read]:
    """Top down; what stands on one row goes from left to right, however the sheet lay askew."""
    ordered: list[Read] = []
    row: list[Read] = []
    for line in sorted(read, key=lambda line: (line.y0 + line.y1) / 2):
        middle = (line.y0 + line.y1) / 2
        if row and not row[-1].y0 + 0.25 * (row[-1].y1 - row[-1].y0) < middle < row[-1].y1:
            ordered += sorted(row, key=lambda one: one.x0)
            row = []
        row.append(line)
    return ordered + sorted(row, key=lambda one: one.x0)


def _even(heights: Sequence[float]) -> list[float]:
    """Heights with those of one print made equal: a line of 一 and 二 is found lower than its neighbours."""
    even = list(heights)
    left = sorted(range(len(heights)), key=lambda at: heights[at])
    while left:
        windows = [
            [at for at in left if one <= heights[at] <= _SAME_PRINT * one]
            for one in {heights[at] for at in left}
        ]
        group = max(windows, key=lambda window: (len(window), -heights[window[0]]))
        usual = median(heights[at] for at in group)
        for at in group:
            even[at] = usual
        left = [at for at in left if at not in set(group)]
    return even


def models() -> list[Path]:
    """The model files that recognition uses; all of them stand in the installed package."""
    import rapidocr

    return sorted((Path(rapidocr.__file__).parent / "models").glob("*.onnx"))
