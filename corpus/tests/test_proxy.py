"""Behind a reverse proxy: whose word counts, and below which path all of it lies."""

import asyncio

import pytest
from starlette.routing import get_route_path

from corpus.errors import UserError
from corpus.settings import ServerSettings
from corpus.web.proxy import BehindProxy

PROXY, STRANGER = "10.0.0.7", "203.0.113.9"


def handed_on(path="/corpus/", *, client=PROXY, proxies=(PROXY,), root="", **headers):
    """The scope as what lies behind sees it."""
    seen = {}

    async def behind(scope, receive, send):
        seen.update(scope)

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "client": (client, 1), "scheme": "http", "path": path, "raw_path": path.encode()}
    scope |= {"headers": named, "root_path": ""}
    asyncio.run(BehindProxy(behind, proxies=proxies, root=root)(scope, None, None))
    return seen


def test_a_known_proxy_says_who_asked_and_how():
    seen = handed_on(x_forwarded_for=STRANGER, x_forwarded_proto="https")
    assert (seen["client"][0], seen["scheme"], seen["by_proxy"]) == (STRANGER, "https", True)


def test_nobody_else_is_believed():
    told = {"x_forwarded_for": "127.0.0.1", "x_forwarded_proto": "https", "x_forwarded_prefix": "/x"}
    seen = handed_on(client=STRANGER, **told)
    assert (seen["client"][0], seen["scheme"], seen["by_proxy"]) == (STRANGER, "http", False)
    assert (seen["path"], seen["root_path"]) == ("/corpus/", "")


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        ("127.0.0.1, 203.0.113.9", "203.0.113.9"),  # who asked made the first one up
        ("203.0.113.9, 10.0.0.7", "203.0.113.9"),  # two proxies of ours
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("unknown", PROXY),
        ("<script>", PROXY),
        ("", PROXY),
    ],
)
def test_the_last_address_that_is_no_proxy_of_ours_asked(chain, client):
    assert handed_on(x_forwarded_for=chain)["client"][0] == client


def test_unless_named_a_proxy_on_this_machine_is_believed_the_scheme_and_the_path_not_who_asked():
    told = {"x_forwarded_for": STRANGER, "x_forwarded_proto": "https", "x_forwarded_prefix": "/unionqa"}
    for at, scheme, root in (
        ("127.0.0.1", "https", "/unionqa"),
        ("::1", "https", "/unionqa"),
        (PROXY, "http", ""),
    ):
        seen = handed_on(client=at, proxies=(), **told)
        assert (seen["client"][0], seen["scheme"], seen["root_path"]) == (at, scheme, root)


@pytest.mark.parametrize("path", ["/corpus/", "/unionqa/corpus/"])
def test_a_path_is_the_same_whether_the_proxy_took_the_rest_off_or_not(path):
    for seen in (handed_on(path, root="/unionqa"), handed_on(path, x_forwarded_prefix="/unionqa/")):
        assert (seen["root_path"], seen["path"]) == ("/unionqa", "/unionqa/corpus/")
        assert get_route_path(seen) == "/corpus/"
        assert seen["raw_path"] == b"/unionqa/corpus/"


def test_what_only_begins_like_the_path_does_not_lie_below_it():
    assert get_route_path(handed_on("/unionqadmin/", root="/unionqa")) == "/unionqadmin/"


@pytest.mark.parametrize(
    "prefix", ["//evil.example", "/../admin", "/a b", "javascript:alert(1)", "/x/<b>", "/./", "/x//y"]
)
def test_a_path_that_is_none_is_not_taken(prefix):
    seen = handed_on(x_forwarded_prefix=prefix)
    assert (seen["root_path"], seen["path"]) == ("", "/corpus/")
    with pytest.raises(UserError):
        ServerSettings.from_environment({"UNIONQA_ROOT": prefix})


def test_the_setting_is_read_with_or_without_a_slash_at_its_end():
    assert ServerSettings.from_environment({"UNIONQA_ROOT": "/intern/unionqa/"}).root == "/intern/unionqa"
    assert ServerSettings.from_environment({}).root == ""
