"""What a browser may load and run: said with every answer, in one place."""

import importlib
import re

import pytest

from corpus.testing import make_store
from corpus.tests.asgi import PAGE, ask
from corpus.web import content_policy


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with make_store(tmp_path_factory.mktemp("policy"), ["一段话。"]) as store:
        app = importlib.import_module("app")
        yield app.build(store, app.Assistant(store, app.AssistantSettings()))


def policy_of(app, path, **given):
    [policy] = ask(app, "GET", path, **given).headers["content-security-policy"]
    return {part.split()[0]: part.split()[1:] for part in policy.split("; ")}


def test_a_drawn_page_runs_the_scripts_of_this_server_and_those_with_its_nonce():
    policy = content_policy.drawn("abc")
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src "))
    assert scripts == "script-src 'self' 'nonce-abc'"
    assert "unsafe-eval" not in policy
    assert [part.split()[0] for part in policy.split("; ") if "'unsafe-inline'" in part] == ["style-src"]
    assert "http" not in policy
    assert "*" not in policy


@pytest.mark.parametrize("path", ["/", "/corpus/", "/eval/"])
def test_each_page_has_a_nonce_of_its_own_and_no_script_without_it(app, path):
    seen = set()
    for _ in range(2):
        answer = ask(app, "GET", path, headers=PAGE)
        assert answer.status == 200
        [policy] = answer.headers["content-security-policy"]
        [nonce] = re.findall(r"'nonce-([\w-]{20,})'", policy)
        seen.add(nonce)
        inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", answer.text)
        assert len(inline) >= 3
        assert all(f'nonce="{nonce}"' in attributes for attributes in inline)
    assert len(seen) == 2


@pytest.mark.parametrize("path", ["/", "/corpus/", "/eval/"])
def test_no_page_names_another_website_to_load_from(app, path):
    text = ask(app, "GET", path, headers=PAGE).text
    loaded = re.findall(r"<(?:link|script|img|meta)[^>]*(?:href|src|content)=\"((?:https?:)?//[^\"]*)", text)
    assert loaded == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/sign-in", "plain"),
        ("/admin/", "plain"),
        ("/statistics/", "plain"),
        ("/nothing", "file"),
        ("/favicon.ico", "file"),
        ("/config", "file"),
        ("/page.js", "file"),
        ("/articles/1/original", "file"),
        ("/api/v1/openapi.json", "file"),
    ],
)
def test_every_other_answer_may_do_less_still(app, path, kind):
    policy = policy_of(app, path)
    assert policy["default-src"] == ["'none'"]
    assert "script-src" not in policy
    assert ("sandbox" in policy) == (kind == "file")
    assert policy["frame-ancestors"] == ["'none'"]


def test_the_script_of_a_page_comes_again_only_when_it_changed(app):
    first = ask(app, "GET", "/page.js")
    assert first.headers["content-type"] == ["text/javascript; charset=utf-8"]
    [tag] = first.headers["etag"]
    assert ask(app, "GET", "/page.js", headers={"if-none-match": tag}).status == 304
    assert ask(app, "GET", "/page.js", headers={"if-none-match": '"x"'}).body == first.body


def test_what_gradio_has_as_text_comes_compiled():
    config = {
        "components": [
            {"props": {"html_template": "${value}", "css_template": "", "js_on_load": "element.id = 'x';"}},
            {"props": {"html_template": "<i></i>"}},
            {"props": {}},
        ],
        "dependencies": [{"js": " () => 1; "}, {"js": None}, {"js": True}],
    }
    made = content_policy.script(config, "own();")
    assert made.endswith("})();\nown();")
    assert "function (element, trigger, props, server, upload, watch) {\nelement.id = 'x';\n}" in made
    assert "async function () {\nreturn (\n() => 1\n);\n}" in made
    assert '[["\\"\\"", ""], ["\\"${value}\\"", "${value}"], ["\\"<i></i>\\"", "<i></i>"]]' in made


def test_a_template_that_would_have_to_be_compiled_in_the_browser_is_refused_when_the_page_is_built():
    config = {"components": [{"props": {"html_template": "${value.toUpperCase()}"}}], "dependencies": []}
    with pytest.raises(AssertionError, match="cannot stand for"):
        content_policy.script(config, "")
