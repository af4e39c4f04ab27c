"""工会政策问答: composes the pages and serves them. ``python app.py --help`` lists the settings."""

import argparse
import logging
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import NamedTuple

# Before gradio is imported, which reads it then: this program reports to nobody.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr
import uvicorn
from fastapi import FastAPI
from fastapi.responses import FileResponse, RedirectResponse

import assistant.panel
import eval.panel
import ingest.panel
from assistant.pipeline import Assistant
from assistant.settings import AssistantSettings
from corpus.errors import UserError
from corpus.settings import CorpusSettings
from corpus.store import Store
from ingest import first_start

NAME = "工会政策问答"
TAGLINE = "每一句回答都能点回原文"
SHIPPED = Path(__file__).parent / "corpus" / "documents"
_ICON = Path(__file__).parent / "assistant" / "icon.svg"
_HEAD = "<script>document.documentElement.lang = 'zh-CN';</script>"
#: Seconds that answers under way have to end once the program is told to stop.
_GRACE_S = 5
#: Gradio words its own parts in the browser's language; this program speaks Chinese to every browser.
_WORDS = {
    "upload_text.drop_file": "将文件拖放到此处",
    "upload_text.click_to_upload": "点击选择文件",
    "common.or": "或",
    "common.error": "出错了",
    "common.clear": "清除",
    "common.remove": "移除",
    "common.download": "下载",
    "file.uploading": "正在上传……",
    "blocks.lost_connection": "连接中断，正在重新连接……",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Where the pages are served. Reachable from this machine only, unless told otherwise."""

    host: str = "127.0.0.1"
    port: int = 7860

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "ServerSettings":
        """Defaults, overridden by ``UNIONQA_HOST`` and ``UNIONQA_PORT``."""
        port = environ.get("UNIONQA_PORT") or str(cls().port)
        if not (port.isdigit() and int(port) < 65536):
            raise UserError(f"端口 UNIONQA_PORT={port} 不是有效的数字。", "请改为 0 到 65535 之间的整数。")
        return cls(host=environ.get("UNIONQA_HOST") or cls().host, port=int(port))


class Page(NamedTuple):
    """A page of its own under ``path``: what lies below it, its events too, is for those who may see it."""

    path: str
    name: str
    css: str
    build: Callable[[gr.Blocks], None]


def pages(store: Store, answering: Assistant) -> list[Page]:
    """Every page, in the order in which they are offered."""
    return [
        Page("/", "问答", assistant.panel.CSS, lambda page: assistant.panel.build(page, answering, store)),
        Page("/corpus", "资料库", ingest.panel.CSS, lambda page: ingest.panel.build(page, store)),
        Page("/eval", "测评", eval.panel.CSS, lambda page: eval.panel.build(page, store, answering)),
    ]


def build(store: Store, answering: Assistant) -> FastAPI:
    """All pages as one application."""
    app = FastAPI(title=NAME, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_api_route("/favicon.ico", lambda: FileResponse(_ICON), include_in_schema=False)
    offered = pages(store, answering)
    # The first that fits is taken, and "/" fits everything.
    for page in sorted(offered, key=lambda page: -len(page.path)):
        if page.path != "/":
            app.add_api_route(page.path, _to_folder(page.path), include_in_schema=False)
        _mount(app, page, offered)
    return app


def _to_folder(path: str) -> Callable[[], RedirectResponse]:
    return lambda: RedirectResponse(f"{path}/")


def _mount(app: FastAPI, page: Page, offered: Sequence[Page]) -> None:
    with gr.Blocks(
        title=f"{page.name} · {NAME}", fill_width=True, analytics_enabled=False, delete_cache=(3600, 3600)
    ) as blocks:
        gr.HTML(_masthead(page, offered), elem_id="masthead", apply_default_css=False)
        page.build(blocks)
    blocks.queue(max_size=100)
    gr.mount_gradio_app(
        app,
        blocks,
        path=page.path,
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        max_file_size="400mb",  # above what the readers take: they say it in Chinese
        theme=assistant.panel.theme(),
        css=page.css,
        head=_HEAD,
        i18n=gr.I18n(en=_WORDS),
        ssr_mode=False,
    )


def _masthead(page: Page, offered: Sequence[Page]) -> str:
    up = "./" if page.path == "/" else "../"  # relative, so that all of it may be served below another path
    links = []
    for other in offered:
        here = ' aria-current="page"' if other.path == page.path else ""
        address = up + other.path[1:] + ("/" if other.path[1:] else "")
        links.append(f'<a href="{address}"{here}>{escape(other.name)}</a>')
    brand = f'<div class="brand"><h1>{NAME}</h1><p>{TAGLINE}</p></div>'
    return f'{brand}<nav aria-label="页面">{"".join(links)}</nav>'


def listen(settings: ServerSettings) -> socket.socket:
    """The socket to serve on. Raises ``UserError`` where the port is taken."""
    try:
        return socket.create_server((settings.host, settings.port), backlog=2048)
    except OSError as error:
        message = f"无法在 {settings.host}:{settings.port} 上启动。"
        raise UserError(message, "端口可能被占用：请用 --port 换一个端口，或先关闭占用它的程序。") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the app until it is stopped; returns an exit status."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        corpus, server = _settings(arguments)
        with listen(server) as door, Store.open(corpus.store, encoder=corpus.encoder) as store:
            _fill(store)
            store.warm()
            app = build(store, Assistant(store, AssistantSettings.from_environment()))
            _serve(app, door)
    except UserError as error:
        print(f"{error.message}{error.hint}", file=sys.stderr)
        return 1
    return 0


class _Server(uvicorn.Server):
    """Says where it is when it can be reached."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        host, port = (sockets or [])[0].getsockname()[:2]
        print(f"{NAME}已经启动：http://{host}:{port}/ （按 Ctrl+C 停止）", flush=True)


def _serve(app: FastAPI, door: socket.socket) -> None:
    """Serve until told to stop; answers under way may end first."""
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=_GRACE_S)
    try:
        _Server(config).run(sockets=[door])
    except KeyboardInterrupt:
        return


def _fill(store: Store) -> None:
    for event in first_start.fill(store, SHIPPED):
        done = f"第 {event.index} 份，共 {event.total} 份"
        words = {"started": f"{done}：{event.file}", "indexing": "建立索引", "finished": "完成"}
        if event.stage in words:
            print(f"\r\x1b[K第一次启动，正在建立资料库：{words[event.stage]}", end="", flush=True)
        if event.stage == "finished":
            failed = f"，{event.tally.failed} 份未能读取" if event.tally.failed else ""
            print(f"，{event.tally.new} 份文件，{event.tally.articles} 篇{failed}。")


def _settings(arguments: Sequence[str] | None) -> tuple[CorpusSettings, ServerSettings]:
    corpus, server = CorpusSettings.from_environment(), ServerSettings.from_environment()
    parser = argparse.ArgumentParser(prog="python app.py", description=f"{NAME}：{TAGLINE}")
    parser.add_argument("--store", type=Path, default=corpus.store, help="资料库文件夹（UNIONQA_STORE）")
    parser.add_argument("--host", default=server.host, help="监听地址（UNIONQA_HOST），默认只有本机可以访问")
    parser.add_argument("--port", type=int, default=server.port, help="端口（UNIONQA_PORT）")
    chosen = parser.parse_args(arguments)
    return replace(corpus, store=chosen.store), replace(server, host=chosen.host, port=chosen.port)


if __name__ == "__main__":
    sys.exit(main())
