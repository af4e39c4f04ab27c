"""Behind a reverse proxy: where a request came from, and below which path all of this is served.

A proxy says so in headers, which anybody can write: they count only from the proxies that are known.
"""

import logging
import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from corpus.settings import BELOW

_log = logging.getLogger(__name__)
#: Unless others are named, a proxy runs on this machine.
USUAL = ("127.0.0.0/8", "::1/128")


class BehindProxy:
    """ASGI middleware. Sets the client, the scheme and the path below which all is served.

    Sets ``scope["by_proxy"]`` too: whether the request was handed on by a known proxy.
    """

    def __init__(self, app: ASGIApp, *, proxies: Sequence[str] = (), root: str = "") -> None:
        """``proxies``: addresses or networks; ``root``: what a proxy that does not say so takes off.

        A proxy on this machine is believed the scheme and the path even if it is not named, but
        not whom it speaks for: many hand on what the client wrote there, who would then have as
        many addresses as they like.
        """
        self._app = app
        self._named = bool(proxies)
        self._warned = False
        self._known = [ip_network(one) for one in proxies or USUAL]
        self._root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            scope["by_proxy"] = self._is_known((scope.get("client") or ("",))[0])
            root = self._root
            if scope["by_proxy"]:
                headers = Headers(scope=scope)
                root = self._prefix(headers) or root
                self._believe(scope, headers)
            _put_below(scope, root)
        await self._app(scope, receive, send)

    def _believe(self, scope: Scope, headers: Headers) -> None:
        scheme = headers.get("x-forwarded-proto", "").split(",")[0].strip().lower()
        if scheme in ("http", "https"):
            scope["scheme"] = scheme if scope["type"] == "http" else scheme.replace("http", "ws")
        chain = [one.strip() for value in headers.getlist("x-forwarded-for") for one in value.split(",")]
        if not self._named:
            if chain and not self._warned:
                self._warned = True
                _log.warning(
                    "有请求经反向代理而来，但没有设置 UNIONQA_PROXIES：经它来的人都算作同一个地址（%s）。",
                    scope["client"][0],
                )
            return
        # The last that no proxy of ours wrote down as its own: what stands before may be made up.
        origin = next((one for one in reversed(chain) if not self._is_known(one)), chain[0] if chain else "")
        if found := _address(origin):
            scope["client"] = (str(found), 0)

    def _prefix(self, headers: Headers) -> str:
        given = headers.get("x-forwarded-prefix", "").strip().rstrip("/")
        return given if BELOW.fullmatch(given) else ""

    def _is_known(self, address: str) -> bool:
        found = _address(address)
        return found is not None and any(found in network for network in self._known)


def _address(given: str) -> IPv4Address | IPv6Address | None:
    """An address as proxies write it, with a port or without."""
    bare = re.sub(r"^\[(.*)\](:\d+)?$|^([\d.]+):\d+$", lambda m: m[1] or m[3], given)
    try:
        found = ip_address(bare)
    except ValueError:
        return None
    return (found.ipv4_mapped if isinstance(found, IPv6Address) else None) or found


def _put_below(scope: Scope, root: str) -> None:
    """Whether the proxy took the path off or not."""
    if not root:
        return
    path = scope["path"]
    if path != root and not path.startswith(f"{root}/"):
        scope["path"] = root + path
        if scope.get("raw_path") is not None:
            scope["raw_path"] = root.encode() + scope["raw_path"]
    scope["root_path"] = root
