"""What is wrong with a request, in Chinese: the validator speaks English."""

from collections.abc import Mapping, Sequence
from typing import Any

_HINT = "请按接口说明改正后重试。"
#: The validator's kinds of error → what is said, with the numbers that it gives.
_SAID = {
    "missing": "缺少{field}。",
    "extra_forbidden": "不认识{field}。",
    "string_too_short": "{field}不能为空。",
    "string_too_long": "{field}太长，最多 {max_length} 个字。",
    "string_type": "{field}应是文字。",
    "string_unicode": "{field}含有无效的字符。",
    "string_pattern_mismatch": "{field}是空的，或者格式不对。",
    "too_long": "{field}太多，最多 {max_length} 项。",
    "too_short": "{field}太少，至少 {min_length} 项。",
    "list_type": "{field}应是列表。",
    "dict_type": "{field}应是对象。",
    "model_type": "{field}应是对象。",
    "model_attributes_type": "{field}应是 JSON 对象。",
    "bool_parsing": "{field}应是 true 或 false。",
    "bool_type": "{field}应是 true 或 false。",
    "int_parsing": "{field}应是整数。",
    "int_type": "{field}应是整数。",
    "int_from_float": "{field}应是整数。",
    "greater_than_equal": "{field}太小，最小 {ge}。",
    "less_than_equal": "{field}太大，最大 {le}。",
    "literal_error": "{field}只能是 {expected}。",
    "enum": "{field}只能是 {expected}。",
    "day": "{field}不是有效的日期，应写成 2024-05-01 这样。",
}


def in_chinese(errors: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """What happened and what to do; the first of several errors is told."""
    first = errors[0] if errors else {}
    kind = str(first.get("type", ""))
    if kind == "json_invalid":
        return "请求的正文不是有效的 JSON。", "请检查引号、逗号和编码（应为 UTF-8）。"
    place = ".".join(str(part) for part in first.get("loc", ())[1:])
    known: Mapping[str, Any] = first.get("ctx") or {}
    field = f"字段“{place}”" if place else "请求的正文"
    expected = str(known.get("expected", "")).replace("'", "").replace(" or ", "、").replace(", ", "、")
    said = _SAID.get(kind, "{field}不合要求。").format_map({**known, "field": field, "expected": expected})
    return said, _HINT
