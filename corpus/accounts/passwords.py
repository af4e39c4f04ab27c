"""Passwords: which are good enough, how they are kept (argon2id), whether one is right."""

import functools
import secrets
import unicodedata
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: Characters. Long goes before mixed: a few words are remembered, and are not guessed.
SHORTEST, LONGEST = 10, 200
_DISTINCT = 5
#: Digits alone are a birthday or a telephone number, unless they are many.
_DIGITS = 16
#: What most people try first, and so does who guesses; with figures and signs around it, too.
_COMMON = frozenset((Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").split())
_RUNS = ("01234567890", "09876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")

_hasher = PasswordHasher()


def problem(password: str, name: str = "") -> str:
    """Why a password is not good enough, as a Chinese sentence; ``""`` where it is."""
    password, name = _plain(password), _plain(name)
    folded = password.casefold()
    if len(password) < SHORTEST:
        return f"密码太短：至少要 {SHORTEST} 个字符，可以是几个不相干的词的拼音。"
    if len(password) > LONGEST:
        return f"密码太长：最多 {LONGEST} 个字符。"
    if name and name.casefold() in folded:
        return "密码里不能包含用户名。"
    if password.isdigit() and len(password) < _DIGITS:
        return "密码不能只用数字：生日和电话号码很容易被猜到。"
    if len(set(folded)) < _DISTINCT or _repeats(folded) or _is_common(folded):
        return "这个密码太容易被猜到：请换成几个不相干的词的拼音，或者别人想不到的一句话。"
    return ""


def hashed(password: str) -> str:
    """The password as it is kept: argon2id with its parameters and a salt, never the password."""
    return _hasher.hash(_plain(password))


def matches(kept: str, password: str) -> bool:
    """Whether a password is the one that is kept; where none is (``""``), False, and as slowly."""
    plain, other = _plain(password[: LONGEST * 4]), nobody()
    try:
        right = _hasher.verify(kept or other, plain)
    except (VerificationError, InvalidHashError):
        return False
    return bool(kept) and len(password) <= LONGEST * 4 and right


def outdated(kept: str) -> bool:
    """Whether it was kept with weaker parameters than are used now."""
    return _hasher.check_needs_rehash(kept)


@functools.cache
def nobody() -> str:
    """What a password is compared with where there is no account: nothing fits it."""
    return _hasher.hash(secrets.token_hex())


def _plain(text: str) -> str:
    """One spelling of what can be typed in several: full-width letters of an input method are letters."""
    return unicodedata.normalize("NFKC", text)


def _repeats(text: str) -> bool:
    """Whether the whole is a short piece over and over, or characters in the order of alphabet or keys."""
    over = any(text == (text[:n] * len(text))[: len(text)] for n in range(1, len(text) // 2 + 1))
    return over or any(text in run or text[::-1] in run for run in _RUNS)


def _is_common(text: str) -> bool:
    stem = text.strip("0123456789 !@#$%^&*()_+-=.,?~·！。，？")
    return stem in _COMMON or (not stem and len(text) < _DIGITS)
