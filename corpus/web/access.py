"""Access: which path is for whom. One table decides; what is not in it is for nobody."""

import re

from corpus.accounts.people import Person, Role

#: Path and who may reach it and what lies below it; an administrator may reach everything that is
#: for anybody. ``()`` needs no sign-in.
TABLE: dict[str, tuple[Role, ...]] = {
    "/sign-in": (),
    "/look.css": (),
    "/favicon.ico": (),
    "/sign-out": ("cadre",),
    "/account": ("cadre",),
    "/articles": ("cadre",),
    "/corpus": ("office",),
    "/eval": ("trainer",),
    "/statistics": ("office", "trainer"),
    "/admin": ("admin",),
}
#: The same for programs. These take an API key, too; what is not named here is for nobody.
API: dict[str, tuple[Role, ...]] = {
    "/api/v1/openapi.json": ("cadre",),
    "/api/v1/ask": ("cadre",),
    "/api/v1/search": ("cadre",),
    "/api/v1/articles": ("cadre",),
    "/api/v1/originals": ("cadre",),
    "/api/v1/feedback": ("cadre",),
    "/api/v1/ingest": ("office",),
    "/api/v1/eval": ("trainer",),
    "/v1/chat/completions": ("cadre",),
    "/v1/models": ("cadre",),
    "/mcp": ("cadre",),
    "/metrics": ("admin",),
    "/healthz": (),
    "/readyz": (),
}
#: Paths of the same that do not speak for what lies below them.
_API_ALONE: dict[str, tuple[Role, ...]] = {"/api/v1": ("cadre",), "/api/v1/": ("cadre",)}
#: Whoever sits at this machine may read these without an account: a collector beside the program does.
LOCAL = frozenset({"/metrics"})
#: The first page, 问答, lies above all others; only these of its files and events are its own.
_FIRST_PAGE = frozenset({"config", "page.js", "theme.css", "assets", "static", "gradio_api"})
#: What a page needs of gradio. It has more under ``gradio_api/``: for developers, for other machines,
#: and its own ways of taking files and giving them to whoever knows their path.
_EVENTS = frozenset({"queue", "run", "heartbeat", "cancel", "reset", "info", "startup-events", "theme.css"})
#: Gradio has sign-in pages of its own, and others for developers, beside every page.
_NOT_OURS = frozenset({"login", "logout", "monitoring", "manifest.json", "robots.txt", "pwa_icon", "svelte"})
#: No path of ours has any, and routes may see one path where the guard sees another.
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


def who_may(path: str) -> tuple[Role, ...] | None:
    """The roles that may reach a path (``()``: anyone, not signed in either); None: nobody may."""
    if "//" in path or _CONTROL.search(path) or not path.startswith("/"):
        return None
    if for_programs(path):
        return _API_ALONE.get(path) or _longest(path)
    place, _, rest = path[1:].partition("/")
    if f"/{place}" in TABLE:
        return TABLE[f"/{place}"] if _needed(rest) else None
    return ("cadre",) if (path == "/" or place in _FIRST_PAGE) and _needed(path[1:]) else None


def for_programs(path: str) -> bool:
    """Whether a path is one for programs: those take API keys and say in JSON what is wrong."""
    return path[1:].partition("/")[0] in _PROGRAMS


def _longest(path: str) -> tuple[Role, ...] | None:
    """What the table says of a path, or of the nearest one above it."""
    while path:
        if path in API:
            return API[path]
        path = path.rpartition("/")[0]
    return None


def may(person: Person, path: str) -> bool:
    """Whether somebody may reach a path."""
    wanted = who_may(path)
    return wanted is not None and (not wanted or bool(person.roles & {*wanted, "admin"}))


def _needed(rest: str) -> bool:
    """Whether a page of ours needs what lies there, below the page's own path."""
    first, _, below = rest.partition("/")
    return below.partition("/")[0] in _EVENTS if first == "gradio_api" else first not in _NOT_OURS


_PROGRAMS = frozenset(path.split("/")[1] for path in API)
