"""工会政策问答: composes the pages and serves them. ``python app.py --help`` lists the settings."""

import argparse
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

# Before gradio is imported, which reads it then: this program reports to nobody.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
# Else it sorts its last 10,000 events anew after each event, for a page that nobody sees here.
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "100"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**9)

import gradio as gr
from fastapi import FastAPI
from fastapi.responses import FileResponse, RedirectResponse
from jinja2 import DictLoader
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

import assistant.api_routes
import assistant.panel
import eval.api_routes
import eval.panel
import ingest.api_routes
import ingest.panel
from assistant import article_page, mcp_routes, openai_routes
from assistant.answering import Answering
from assistant.measured import MeasuredAnswering
from assistant.pipeline import Assistant
from assistant.settings import AnsweringSettings, AssistantSettings
from corpus import logs
from corpus.errors import UserError
from corpus.settings import CorpusSettings, LogSettings, ServerSettings
from corpus.store import Store
from corpus.web import (
    account_routes,
    admin_routes,
    api,
    api_page,
    content_policy,
    health_routes,
    serving,
    sign_in,
    trail_routes,
)
from corpus.web.limits import Rates
from corpus.web.masthead import NAME, TAGLINE, Offered, masthead
from corpus.web.metrics import Metrics
from corpus.web.proxy import BehindProxy
from corpus.web.request_log import RequestLog, Requests
from eval import statistics_routes
from eval.effects import Effects
from eval.trainer.desk import Desk
from ingest import first_start
from ingest.desk import drafts_routes
from ingest.desk import routes as grid_routes
from ingest.intake.reception import Reception
from ingest.pictures import picture_routes
from ingest.pictures.drawn import Pictures

SHIPPED = Path(__file__).parent / "corpus" / "documents"
_ICON = Path(__file__).parent / "assistant" / "icon.svg"
_SCRIPT = f"document.documentElement.lang = 'zh-CN';\n{sign_in.SCRIPT}\n{assistant.panel.QUEUE_SCRIPT}"
#: Beside the pages that gradio draws.
_STATISTICS, _ADMIN = ("/statistics", "统计"), ("/admin", "管理")
#: Events of one page that run or wait in gradio's queue; what comes then is told to come again.
_EVENTS_AT_ONCE = 200
#: Gradio words its own parts in the browser's language; this program speaks Chinese to every browser.
_WORDS = {
    "common.or": "或",
    "common.error": "出错了",
    "common.clear": "清除",
    "blocks.lost_connection": "连接中断，正在重新连接……",
}


class Page(NamedTuple):
    """A page of its own under ``path``: what lies below it, its events too, is for those who may see it."""

    path: str
    name: str
    css: str
    build: Callable[[gr.Blocks], None]
    script: str = ""


def pages(store: Store, line: Answering, effects: Effects, trainers: Desk) -> list[Page]:
    """Every page, in the order in which they are offered."""
    return [
        Page("/", "问答", assistant.panel.CSS, lambda page: assistant.panel.build(page, line, store)),
        Page(
            "/corpus",
            "资料库",
            ingest.panel.CSS,
            lambda page: ingest.panel.build(page, store, effects),
            ingest.panel.FIRST_SCRIPT,
        ),
        Page("/eval", "测评", eval.panel.CSS, lambda page: eval.panel.build(page, trainers)),
    ]


def build(
    store: Store,
    answering: Assistant,
    *,
    limits: AnsweringSettings | None = None,
    rates: Rates | None = None,
    server: ServerSettings | None = None,
    questions_logged: bool = False,
) -> FastAPI:
    """All pages as one application, behind the guard; without ``rates`` one may ask as often as one likes."""
    metrics = Metrics(store)
    limited = asdict(limits or AnsweringSettings())
    line = MeasuredAnswering(answering, metrics, questions_shown=questions_logged, **limited)
    app = FastAPI(title=NAME, docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lasting(line))
    effects = Effects(store, answering)
    trainers = Desk(store, answering)
    shown = pages(store, line, effects, trainers)
    offered = [*((page.path, page.name) for page in shown), _STATISTICS, _ADMIN]
    app.add_middleware(sign_in.Guard, people=store.people, offered=offered, keys=store.keys, rates=rates)
    app.add_api_route("/favicon.ico", lambda: FileResponse(_ICON), include_in_schema=False)
    app.router.routes += health_routes.routes(store, metrics)
    app.router.routes += account_routes.routes(store.people, offered)
    app.router.routes += trail_routes.routes(store, offered)
    app.router.routes += admin_routes.routes(store, offered, trail_routes.LINKS)
    app.router.routes += statistics_routes.routes(store, offered)
    reception = Reception(store)
    app.router.routes += drafts_routes.routes(store, reception, effects)
    app.router.routes += grid_routes.routes(store, effects)
    app.router.routes += picture_routes.routes(store, Pictures())
    app.router.routes += article_page.routes(store, offered)
    app.add_api_route(api.PREFIX, lambda: RedirectResponse("v1/"), include_in_schema=False)
    app.mount(api.PREFIX, _api(store, line, reception, trainers, offered))
    app.mount("/v1", openai_routes.application(store, line))
    app.router.routes += mcp_routes.routes(store, line)
    _frame()
    # The first that fits is taken, and "/" fits everything.
    for page in sorted(shown, key=lambda page: -len(page.path)):
        if page.path != "/":
            app.add_api_route(page.path, _to_folder(page.path), include_in_schema=False)
        _mount(app, page, store, offered)
    app.state.requests = Requests(store, metrics)
    app.add_middleware(RequestLog, requests=app.state.requests)
    place = server or ServerSettings()
    app.add_middleware(BehindProxy, proxies=place.proxies, root=place.root)
    return app


def _lasting(line: Answering) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What answers is there for as long as the application."""

    @asynccontextmanager
    async def lasting(_: FastAPI) -> AsyncIterator[None]:
        await line.start()
        try:
            yield
        finally:
            await line.close()

    return lasting


def _api(store: Store, line: Answering, reception: Reception, trainers: Desk, offered: Offered) -> FastAPI:
    routers = [
        assistant.api_routes.router(store, line),
        ingest.api_routes.router(store, reception),
        eval.api_routes.router(trainers),
    ]
    made = api.application(routers, title=f"{NAME}接口")
    api_page.add(made, store.people, offered)
    return made


def _to_folder(path: str) -> Callable[[], RedirectResponse]:
    # Relative, so that all of it may be served below another path.
    return lambda: RedirectResponse(f"{path[1:]}/")


def _mount(app: FastAPI, page: Page, store: Store, offered: Offered) -> None:
    with gr.Blocks(
        title=f"{page.name} · {NAME}", fill_width=True, analytics_enabled=False, delete_cache=(3600, 3600)
    ) as blocks:
        _head(blocks, page, store, offered)
        page.build(blocks)
    # Questions wait in our own line, which is shorter: gradio's always has room for what is quick.
    blocks.max_threads = _EVENTS_AT_ONCE
    blocks.queue(max_size=_EVENTS_AT_ONCE)
    _serve_script(
        app, f"{page.path.rstrip('/')}/page.js", content_policy.script(blocks.config, _SCRIPT + page.script)
    )
    gr.mount_gradio_app(
        app,
        blocks,
        path=page.path,
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        theme=assistant.panel.theme(),
        css=page.css,
        i18n=gr.I18n(en=_WORDS),
        ssr_mode=False,
        auth_dependency=_name,
    )
    # Of an application that it did not launch itself, gradio takes any path on this machine that a
    # browser names for a file that was handed in.
    blocks.has_launched = True


def _serve_script(app: FastAPI, path: str, script: str) -> None:
    tag = f'"{sha256(script.encode()).hexdigest()}"'

    def served(request: Request) -> Response:
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304)
        return Response(script, media_type="text/javascript", headers={"etag": tag})

    app.add_api_route(path, served, include_in_schema=False)


@cache
def _frame() -> None:
    """Gradio's frame of a page as the content policy wants it, from now on."""
    templates = gr.routes.templates.env
    assert templates.loader
    source, *_ = templates.loader.get_source(templates, "frontend/index.html")
    templates.loader = DictLoader({"frontend/index.html": content_policy.frame(source)})


def _head(blocks: gr.Blocks, page: Page, store: Store, offered: Offered) -> None:
    """The masthead, drawn for whoever opens the page; before it is, it offers nothing."""
    here = f"{page.path.rstrip('/')}/"

    def drawn(request: gr.Request) -> str:
        person = store.people.find(request.username)
        return masthead(offered, here, person, alone=not store.people.exist())

    first = masthead(offered, here, None, alone=not store.people.exist())
    head = gr.HTML(first, elem_id="masthead", apply_default_css=False)
    blocks.load(drawn, None, head, queue=False, show_progress="hidden", api_visibility="private")


def _name(request: HTTPConnection) -> str:
    """Who is signed in, for gradio's events; the guard has let them in."""
    person = request.scope.get("person")
    return person.name if person else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the app until it is stopped; returns an exit status."""
    try:
        corpus, server, logged = _settings(arguments)
        answers = AssistantSettings.from_environment()
        logs.set_up(logged, secret=[answers.model_key])
        with (
            serving.listen(server.host, server.port) as door,
            Store.open(corpus.store, encoder=corpus.encoder) as store,
            serving.stoppable(store),
        ):
            _keep_to_this_machine(server, corpus, store)
            _fill(store)
            _renew(store)
            store.warm()
            store.holdings.follow()
            limits = AnsweringSettings.from_environment()
            app = build(
                store,
                Assistant(store, answers),
                limits=limits,
                rates=Rates.of(server),
                server=server,
                questions_logged=logged.questions,
            )
            serving.serve(app, door, app.state.requests, grace_s=server.grace, started=_started)
    except UserError as error:
        print(f"{error.message}{error.hint}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 1
    return 0


def _keep_to_this_machine(server: ServerSettings, corpus: CorpusSettings, store: Store) -> None:
    """Raises ``UserError`` where others could reach the pages and there are no accounts to sign in with."""
    if store.people.exist() or sign_in.loops_back(server.host):
        return
    raise UserError(
        f"还没有账号，不能在 {server.host} 上对外提供服务。",
        f"请先添加管理员：python -m corpus people add 姓名 --role admin --store {corpus.store}；只在本机使用就不用 --host。",
    )


def _started(address: str) -> None:
    print(f"{NAME}已经启动：{address} （按 Ctrl+C 停止）", flush=True)


def _fill(store: Store) -> None:
    for event in first_start.fill(store, SHIPPED):
        done = f"第 {event.index} 份，共 {event.total} 份"
        words = {"started": f"{done}：{event.file}", "indexing": "建立索引", "finished": "完成"}
        if event.stage in words:
            print(f"\r\x1b[K第一次启动，正在建立资料库：{words[event.stage]}", end="", flush=True)
        if event.stage == "finished":
            failed = f"，{event.tally.failed} 份未能读取" if event.tally.failed else ""
            print(f"，{event.tally.new} 份文件，{event.tally.articles} 篇{failed}。")


def _renew(store: Store) -> None:
    """Vectors of an encoder that came with an earlier program are computed anew before anybody asks."""

    def told(stage: str, done: int, total: int) -> None:
        print(f"\r\x1b[K随程序的向量模型更新了，正在重新{stage}：{done} / {total}", end="", flush=True)

    try:
        if store.renew_encoder(told, who="启动"):
            print("，完成。", flush=True)
    except UserError as error:  # the pages are where an administrator puts that right
        print(f"\n{error.message}{error.hint}", file=sys.stderr)


def _settings(arguments: Sequence[str] | None) -> tuple[CorpusSettings, ServerSettings, LogSettings]:
    corpus, server = CorpusSettings.from_environment(), ServerSettings.from_environment()
    parser = argparse.ArgumentParser(prog="python app.py", description=f"{NAME}：{TAGLINE}")
    parser.add_argument("--store", type=Path, default=corpus.store, help="资料库文件夹（UNIONQA_STORE）")
    parser.add_argument("--host", default=server.host, help="监听地址（UNIONQA_HOST），默认只有本机可以访问")
    parser.add_argument("--port", type=int, default=server.port, help="端口（UNIONQA_PORT）")
    chosen = parser.parse_args(arguments)
    server = replace(server, host=chosen.host, port=chosen.port)
    return replace(corpus, store=chosen.store), server, LogSettings.from_environment()


if __name__ == "__main__":
    sys.exit(main())
