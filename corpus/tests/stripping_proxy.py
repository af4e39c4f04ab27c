"""A reverse proxy as offices have one: takes off a path, hands on the rest, streams what comes back."""

import http.client
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_OWN = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def _hand_on(self):
        prefix = self.server.prefix
        if not self.path.startswith(f"{prefix}/"):
            self.send_error(404)
            return
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        sent = {name: value for name, value in self.headers.items() if name.lower() not in _OWN}
        sent |= {"X-Forwarded-For": self.client_address[0], "X-Forwarded-Proto": "http"}
        sent |= {"X-Forwarded-Host": self.headers["host"], **self.server.added}
        if body or self.command == "POST":
            sent["Content-Length"] = str(len(body))
        there = http.client.HTTPConnection(*self.server.target)
        with suppress(OSError):  # either end has gone: so goes the other
            there.request(self.command, self.path[len(prefix) :], body or None, sent)
            self._answer(there.getresponse())
        there.close()
        self.close_connection = True

    def _answer(self, answer):
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _OWN:
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        while piece := answer.read1(65536):
            self.wfile.write(piece)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _hand_on


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """Say nothing: a browser that leaves is no error."""


@contextmanager
def proxied(target, prefix, **added):
    """The address below which ``target`` is reached through the proxy; ``added`` are headers of its own."""
    place = urlsplit(target)
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.target, server.prefix = (place.hostname, place.port), prefix
        server.added = {name.replace("_", "-"): value for name, value in added.items()}
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{prefix}/"
        finally:
            server.shutdown()
