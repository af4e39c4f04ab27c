"""工会政策问答: composes the panels and serves them. ``python app.py --help`` lists the settings."""

import argparse
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

# Before gradio is imported, which reads it then: this program reports to nobody.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr

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
_HERE = Path(__file__).parent
_HEAD = "<script>document.documentElement.lang = 'zh-CN';</script>"
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
    """Where the page is served. Reachable from this machine only, unless told otherwise."""

    host: str = "127.0.0.1"
    port: int = 7860

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "ServerSettings":
        """Defaults, overridden by ``UNIONQA_HOST`` and ``UNIONQA_PORT``."""
        port = environ.get("UNIONQA_PORT") or str(cls().port)
        if not (port.isdigit() and int(port) < 65536):
            raise UserError(f"端口 UNIONQA_PORT={port} 不是有效的数字。", "请改为 0 到 65535 之间的整数。")
        return cls(host=environ.get("UNIONQA_HOST") or cls().host, port=int(port))


def build(store: Store, answering: Assistant) -> gr.Blocks:
    """The page: the panels, each in its tab."""
    with gr.Blocks(title=NAME, fill_width=True, analytics_enabled=False, delete_cache=(3600, 3600)) as page:
        gr.HTML(
            f'<div class="brand"><h1>{NAME}</h1><p>{TAGLINE}</p></div>',
            elem_id="masthead",
            apply_default_css=False,
        )
        with gr.Tabs():
            with gr.Tab("问答") as asking:
                assistant.panel.build(answering, store, shown=asking)
            with gr.Tab("资料库") as keeping:
                ingest.panel.build(store, shown=keeping)
            with gr.Tab("测评") as measuring:
                eval.panel.build(store, answering, shown=measuring)
    return page


def serve(page: gr.Blocks, settings: ServerSettings) -> str:
    """Serve the page in the background and return its address."""
    try:
        _, address, _ = page.queue(max_size=100).launch(
            server_name=settings.host,
            server_port=settings.port or None,
            prevent_thread_lock=True,
            quiet=True,
            share=False,
            footer_links=[],
            run_history=False,
            enable_monitoring=False,
            max_file_size="400mb",  # above what the readers take: they say it in Chinese
            favicon_path=_HERE / "assistant" / "icon.svg",
            theme=assistant.panel.theme(),
            css=assistant.panel.CSS + ingest.panel.CSS + eval.panel.CSS,
            head=_HEAD,
            i18n=gr.I18n(en=_WORDS),
        )
    except OSError as error:
        message = f"无法在 {settings.host}:{settings.port} 上启动。"
        raise UserError(message, "端口可能被占用：请用 --port 换一个端口，或先关闭占用它的程序。") from error
    return address


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the app until it is stopped; returns an exit status."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        corpus, server = _settings(arguments)
        with Store.open(corpus.store, encoder=corpus.encoder) as store:
            _fill(store)
            store.warm()
            page = build(store, Assistant(store, AssistantSettings.from_environment()))
            print(f"{NAME}已经启动：{serve(page, server)} （按 Ctrl+C 停止）", flush=True)
            page.block_thread()
    except UserError as error:
        print(f"{error.message}{error.hint}", file=sys.stderr)
        return 1
    return 0


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
