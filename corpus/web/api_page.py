"""接口说明: the description of the programs' interface as a page for people, with commands to copy."""

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from corpus.accounts.people import ROLES, People
from corpus.web.access import who_may
from corpus.web.api import PREFIX
from corpus.web.masthead import Offered, masthead
from corpus.web.plain_page import HEADERS, page

Described = Mapping[str, Any]
_KEY = "uq_您的密钥"
_KINDS = {"string": "文字", "integer": "整数", "number": "数", "boolean": "true 或 false", "array": "列表"}
_PYTHON = """import json, urllib.request

request = urllib.request.Request(
    "{base}ask",
    data=json.dumps({{"question": "基层工会多久换届一次？"}}).encode(),
    headers={{"Content-Type": "application/json"{authorization}}},
)
print(json.load(urllib.request.urlopen(request))["answer"])"""


def add(app: FastAPI, people: People, offered: Offered) -> None:
    """Serve the page at the interface's own address; ``offered`` is what its head offers."""

    def shown(request: Request) -> Response:
        here, alone = f"{PREFIX}/", not people.exist()
        head = masthead(offered, here, request.scope.get("person"), alone=alone)
        body = described(app.openapi(), f"{request.base_url}{here[1:]}", "" if alone else _KEY)
        return HTMLResponse(page("接口说明", body, here=here, head=head), headers=HEADERS)

    app.add_api_route("/", shown, include_in_schema=False)


def described(api: Described, base: str, key: str) -> str:
    """HTML of an OpenAPI description.

    ``base`` is the address that its paths stand below, with a ``/``; ``key`` stands in the commands
    for the caller's own, ``""`` where none is needed.
    """
    groups: dict[str, list[str]] = {}
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            group = groups.setdefault(operation["tags"][-1], [])
            group.append(_operation(api, base, key, path, method, operation))
    sections = "".join(f"<h2>{escape(name)}</h2>{''.join(group)}" for name, group in groups.items())
    authorization = f', "Authorization": "Bearer {key}"' if key else ""
    python = _pre(_PYTHON.format(base=base, authorization=authorization))
    return (
        f"<h2>{escape(api['info']['title'])}</h2>{_text(api['info']['description'])}"
        f'<p>完整的机器可读说明：<a href="openapi.json">openapi.json</a>（OpenAPI）。用 Python 提问：</p>{python}{sections}'
    )


def _operation(api: Described, base: str, key: str, path: str, method: str, operation: Described) -> str:
    fields = "".join(_fields(api, operation))
    roles = who_may(PREFIX + path) or ()
    whose = "、".join(ROLES[role] for role in roles)
    return (
        f'<section id="{escape(operation["operationId"])}"><h3>{escape(operation["summary"])} '
        f"<code>{method.upper()} {escape(PREFIX + path)}</code></h3>"
        f"{_text(operation.get('description', ''))}"
        f"{f'<ul>{fields}</ul>' if fields else ''}"
        f'<p class="soft">谁可以用：{escape(whose)}、管理员</p>'
        f"{_pre(command(api, base, key, path, method, operation))}</section>"
    )


def _fields(api: Described, operation: Described) -> Iterable[str]:
    """A line for each thing that may be sent."""
    for parameter in operation.get("parameters", ()):
        told = {**parameter["schema"], "description": parameter.get("description", "")}
        yield _field(parameter["name"], told, required=parameter["required"])
    for schema in _bodies(api, operation).values():
        for name, field in schema["properties"].items():
            yield _field(name, field, required=name in schema.get("required", ()))


def _field(name: str, schema: Described, *, required: bool) -> str:
    kind = schema.get("type") or next((one["type"] for one in schema.get("anyOf", ()) if "type" in one), "")
    allowed = schema.get("enum") or schema.get("items", {}).get("enum") or ()
    facts = [_KINDS.get(kind, ""), "必填" if required else ""]
    facts += [f"最多 {schema['maxLength']} 字"] if "maxLength" in schema else []
    facts += [f"最多 {schema['maxItems']} 项"] if "maxItems" in schema else []
    facts += [f"{schema['minimum']}–{schema['maximum']}"] if "minimum" in schema else []
    facts += [f"可选 {'、'.join(map(str, allowed))}"] if allowed else []
    facts += [f"默认 {schema['default']}"] if schema.get("default") not in (None, "", []) else []
    told = "，".join(filter(None, facts))
    return f"<li><code>{escape(name)}</code> {escape(schema.get('description', ''))}（{escape(told)}）</li>"


def command(api: Described, base: str, key: str, path: str, method: str, operation: Described) -> str:
    """The curl command that asks for it with its example values."""
    examples = {p["name"]: _example(p["schema"]) for p in operation.get("parameters", ())}
    wanted = [p["name"] for p in operation.get("parameters", ()) if p["in"] == "query" and p["required"]]
    address = re.sub(r"\{(\w+)\}", lambda found: str(examples[found[1]]), path).lstrip("/")
    words = ["curl"]
    if "text/event-stream" in json.dumps(operation["responses"]):
        words.append("-N")
    if method == "delete" or (method == "post" and "requestBody" not in operation):
        words += ["-X", method.upper()]
    words += ["-H", f"Authorization: Bearer {key}"] if key else []
    for kind, schema in _bodies(api, operation).items():
        sent = {name: _example(field) for name, field in schema["properties"].items()}
        sent = {name: value for name, value in sent.items() if value not in (None, "", [])}
        if kind == "application/json":
            words += ["-H", f"Content-Type: {kind}", "-d", json.dumps(sent, ensure_ascii=False)]
        else:
            words += [word for name, value in sent.items() for word in ("-F", f"{name}={_sent(value)}")]
    if "attachment" in operation.get("description", "") or address.startswith("originals/"):
        words.append("-OJ")
    words += [word for name in wanted for word in ("--data-urlencode", f"{name}={examples[name]}")]
    words += ["-G"] if wanted else []
    return " ".join(map(shlex.quote, [*words, base + address]))


def _bodies(api: Described, operation: Described) -> dict[str, Described]:
    """The schemas of what may be sent as the body, by media type."""
    content = operation.get("requestBody", {}).get("content", {})
    schemas = api["components"]["schemas"]
    return {kind: schemas[one["schema"]["$ref"].rpartition("/")[2]] for kind, one in content.items()}


def _example(schema: Described) -> Any:
    given = schema.get("examples")
    return given[0] if given else schema.get("default")


def _sent(value: Any) -> str:
    if isinstance(value, list):
        value = value[0]
    return str(value).lower() if isinstance(value, bool) else str(value)


def _text(words: str) -> str:
    """Paragraphs, lists and code of a description, which is Markdown."""
    blocks = [block for block in re.split(r"\n\s*\n", words.strip()) if block]
    return "".join(_block(block) for block in blocks)


def _block(block: str) -> str:
    lines = [_inline(line.removeprefix("- ")) for line in block.split("\n")]
    if block.startswith("- "):
        return f"<ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>"
    return f"<p>{'<br>'.join(lines)}</p>"


def _inline(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _pre(text: str) -> str:
    return f"<pre><code>{escape(text)}</code></pre>"
