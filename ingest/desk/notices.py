"""What is said to a person in place of what was asked for."""

import logging
import secrets
from html import escape

from corpus.errors import UserError

_log = logging.getLogger(__name__)


def notice(text: str) -> str:
    """HTML of a sentence, the text escaped."""
    return f'<p class="notice" role="status">{escape(text)}</p>'


def in_words(error: Exception) -> str:
    """What to tell: a user's mistake in its own words, of a bug the number under which it is logged."""
    if isinstance(error, UserError):
        return f"{error.message}{error.hint}"
    number = secrets.token_hex(3)
    _log.error("error %s", number, exc_info=error)
    return f"程序出错了（编号 {number}）。请重试；如果再次出现，请把编号告诉管理员，以便在日志中查找。"
