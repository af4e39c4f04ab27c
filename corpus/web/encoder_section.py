"""The encoder on the administrators' page: which one, how far another one is, a form for another one."""

import logging
import threading
from html import escape
from typing import TYPE_CHECKING

from corpus.database import now
from corpus.errors import UserError
from corpus.settings import encoder_at
from corpus.web.plain_page import field, notice

if TYPE_CHECKING:
    from corpus.store import Store

_TOLD = (
    "向量模型把问题和资料变成数字，用来找意思相近的段落。换模型时照旧用原来的回答，全部算好后自动换过去；"
    "中断了再换一次，就接着算。排序是照随附的模型学的，换了之后请用“测评”比一比。"
)
_log = logging.getLogger(__name__)


class Change:
    """A change of encoders that was begun on the page; it runs beside the answering."""

    def __init__(self, store: "Store") -> None:
        self._store = store
        self._thread: threading.Thread | None = None
        #: Why the last one came to nothing.
        self.failed: UserError | None = None

    def begin(self, encoder: str, who: str) -> None:
        """Begin, unless one is under way. Raises ``UserError``."""
        if not encoder.strip():
            raise UserError("没有写向量模型。", "请写它的文件夹或名称。")
        if self.running or ((other := self._store.reembedding()) and other.running):
            raise UserError("正在换向量模型。", "请等它结束。")
        self.failed = None
        self._thread = threading.Thread(
            target=self._run, args=(encoder_at(encoder), who), name="encoder", daemon=True
        )
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether one that was begun here is under way."""
        return self._thread is not None and self._thread.is_alive()

    def wait(self) -> None:
        """Until the one that was begun here has ended."""
        if self._thread is not None:
            self._thread.join()

    def _run(self, encoder: str, who: str) -> None:
        try:
            self._store.change_encoder(encoder, who=who)
        except UserError as error:
            self.failed = error
        except Exception:
            _log.exception("the encoder was not changed")
            self.failed = UserError("换向量模型时出错了。", "详情在日志里。")


def section(store: "Store", change: Change) -> str:
    """The section as HTML."""
    form = (
        '<form method="post" action="encoder" autocomplete="off">'
        + field(
            "换用",
            "encoder",
            hint="本机上的文件夹，或 sentence-transformers 模型的名称；bundled 是随附的。",
            more='required maxlength="300"',
        )
        + "<button>换向量模型</button></form>"
    )
    held = f"<p>现在用的：<code>{escape(store.encoder_name) or '（还没有资料）'}</code></p>"
    failed = notice(change.failed) if change.failed else ""
    return (
        f'<section id="encoder"><h2>向量模型</h2><p class="soft">{_TOLD}</p>{held}{failed}'
        f"{_under_way(store, change) or form}</section>"
    )


def _under_way(store: "Store", change: Change) -> str:
    """How far it is; ``""`` where another one may be begun."""
    again = '<p><a href="./">刷新</a></p>'
    told = store.reembedding()
    if told is None or not told.running:
        return f"<p>正在准备……</p>{again}" if change.running else ""
    left = told.left_s(now())
    until = f"，大约还要 {max(1, round(left / 60))} 分钟" if left is not None else ""
    return (
        f"<p>正在换成 <code>{escape(told.encoder)}</code>：{told.done:,} / {told.total:,} 个段落{until}。</p>"
        f'<progress value="{told.done}" max="{max(1, told.total)}" aria-label="换向量模型的进度"></progress>{again}'
    )
