"""Chinese numerals, read and written."""

_DIGIT = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_UNIT = {"十": 10, "百": 100, "千": 1000}


def chinese_number(text: str) -> int:
    """``"一百二十"`` → 120, ``"21"`` → 21, ``"二〇二四"`` → 2024; 0 for what is no number."""
    if len(text) > 9:
        return 0
    if text.isdecimal():
        return int(text)
    if text and all(char in _DIGIT for char in text):
        return int("".join(str(_DIGIT[char]) for char in text))
    total = digit = 0
    for char in text:
        if char in _DIGIT:
            digit = _DIGIT[char]
        elif char in _UNIT:
            total += (digit or 1) * _UNIT[char]
            digit = 0
        else:
            return 0
    return total + digit


def chinese_numeral(number: int) -> str:
    """1–99 as people write it: 12 → ``"十二"``, 20 → ``"二十"``."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else ("十" if tens == 1 else "零一二三四五六七八九"[tens] + "十")
    return head + ("零一二三四五六七八九"[ones] if ones or not tens else "")
