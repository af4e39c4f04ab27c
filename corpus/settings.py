"""Settings of the store. Only entry points call ``from_environment``."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Literal, cast

from corpus.errors import UserError

#: What a path that all is served below may look like: "/unionqa", "/intern/unionqa", or nothing.
BELOW = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
#: What people call the encoder that comes with the program.
BUNDLED = "bundled"
BUNDLED_ENCODER = Path(__file__).parent / "encoder" / "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusSettings:
    """Where the store is and which encoder fills it.

    ``encoder`` is a folder of a ``SentenceTransformer`` or a name that
    sentence-transformers finds on this machine. A store that is filled already keeps to
    its own until ``python -m corpus rebuild`` gives it another.
    """

    store: Path = Path("store")
    encoder: str = str(BUNDLED_ENCODER)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "CorpusSettings":
        """Defaults, overridden by ``UNIONQA_STORE`` and ``UNIONQA_ENCODER``."""
        return cls(
            store=Path(environ.get("UNIONQA_STORE") or cls().store),
            encoder=encoder_at(environ.get("UNIONQA_ENCODER") or BUNDLED),
        )


def encoder_at(given: str) -> str:
    """The folder or name that people mean: ``bundled`` is what comes with the program."""
    return str(BUNDLED_ENCODER) if given.strip() == BUNDLED else given.strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Where the pages are served, and how often they may be asked for. This machine only, unless told otherwise.

    ``rate_key`` and ``rate_address`` are requests a minute from a program, 0 without limit;
    ``proxies`` the addresses or networks whose word counts for where a request came from.
    """

    host: str = "127.0.0.1"
    port: int = 7860
    #: An office of 50 behind one address that each ask every five seconds makes 600.
    rate_key: int = 900
    rate_address: int = 1200
    proxies: tuple[str, ...] = ()
    #: Seconds that what is under way has to end once the program is told to stop.
    grace: int = 30
    #: Where a proxy that takes it off serves all of this: "/unionqa"; ``""`` at the top.
    root: str = ""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "ServerSettings":
        """Defaults, overridden by ``UNIONQA_HOST``, ``_PORT``, ``_RATE_KEY``, ``_RATE_ADDRESS`` and ``_PROXIES``.

        Raises ``UserError`` for what these cannot be.
        """
        return cls(
            host=environ.get("UNIONQA_HOST") or cls().host,
            port=_whole(environ, "UNIONQA_PORT", cls().port, 65535, "端口"),
            rate_key=_whole(environ, "UNIONQA_RATE_KEY", cls().rate_key, 10**9, "每个密钥每分钟的请求数"),
            rate_address=_whole(
                environ, "UNIONQA_RATE_ADDRESS", cls().rate_address, 10**9, "每个地址每分钟的请求数"
            ),
            proxies=_networks(environ.get("UNIONQA_PROXIES") or ""),
            grace=_whole(environ, "UNIONQA_GRACE", cls().grace, 3600, "停止前等待的秒数"),
            root=_path(environ.get("UNIONQA_ROOT") or ""),
        )


def _whole(environ: Mapping[str, str], name: str, usual: int, most: int, called: str) -> int:
    given = (environ.get(name) or str(usual)).strip()
    if not (given.isascii() and given.isdigit() and int(given) <= most):
        raise UserError(f"{called} {name}={given} 不是有效的数字。", f"请改为 0 到 {most} 之间的整数。")
    return int(given)


def _path(given: str) -> str:
    """Where all of it lies below a host, without a slash at the end."""
    path = given.strip().rstrip("/")
    if not BELOW.fullmatch(path):
        raise UserError(
            f"子路径 UNIONQA_ROOT={given} 不能使用。", "请写成 /unionqa 这样，只用字母、数字和连字符。"
        )
    return path


def _networks(given: str) -> tuple[str, ...]:
    """Addresses and networks, as they are written with commas between them."""
    found = tuple(one.strip() for one in given.split(",") if one.strip())
    for one in found:
        try:
            ip_network(one)
        except ValueError:
            raise UserError(
                f"反向代理的地址 UNIONQA_PROXIES={given} 里有不能识别的“{one}”。",
                "请写 IP 地址或网段，用逗号分开，例如 127.0.0.1,10.0.0.0/8。",
            ) from None
    return found


#: How much is logged, the most first.
_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """What is logged, in which form, and where.

    ``text`` is for people and tells what needs attention; ``json`` is for collectors and has a
    line for every request. Without a ``file`` it goes to the standard error output.
    """

    form: Literal["text", "json"] = "text"
    level: str = "warning"
    file: Path | None = None
    #: Whether questions may stand there.
    questions: bool = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "LogSettings":
        """Defaults, overridden by ``UNIONQA_LOG``, ``_LEVEL``, ``_FILE`` and ``_QUESTIONS``.

        Raises ``UserError`` for what these do not know.
        """
        form = _one_of(environ, "UNIONQA_LOG", ("text", "json"))
        usual = "info" if form == "json" else "warning"
        file = environ.get("UNIONQA_LOG_FILE") or ""
        return cls(
            form=cast(Literal["text", "json"], form),
            level=_one_of(environ, "UNIONQA_LOG_LEVEL", _LEVELS, usual),
            file=Path(file) if file else None,
            questions=_one_of(environ, "UNIONQA_LOG_QUESTIONS", ("0", "1")) == "1",
        )


def _one_of(environ: Mapping[str, str], name: str, known: tuple[str, ...], usual: str = "") -> str:
    """A setting that has a few values; the first is the default unless another is ``usual``."""
    given = (environ.get(name) or usual or known[0]).strip().lower()
    if given not in known:
        raise UserError(f"设置 {name}={given} 不能识别。", f"可以是 {'、'.join(known)}。")
    return given
