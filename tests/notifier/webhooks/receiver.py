"""Somebody's system that receives webhooks: a real HTTP server which answers as a test tells it to, also badly."""

import json
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Behaviour = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Post:
    """What arrived."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def type(self) -> str:
        return str(self.event["type"]).removeprefix("ca.go2hr.secor.").removesuffix(".v1")


def answering(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def saying(raw: bytes) -> Behaviour:
    """Exactly these bytes, and then the line is cut."""

    def say(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(raw)
        handler.wfile.flush()
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)

    return say


class Receiver:
    """`with Receiver() as receiver:` and `receiver.url` takes posts; `behave` may be changed at any time."""

    def __init__(self, behave: Behaviour | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.posts: list[Post] = []
        self.behave = behave or answering(204)
        self.closing = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.posts.append(Post(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                receiver.behave(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - see above
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client may leave
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook?key=of-theirs"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def never(self, _handler: BaseHTTPRequestHandler) -> None:
        """Takes the post and says nothing until it is closed."""
        self.closing.wait(30)

    def drip(self, handler: BaseHTTPRequestHandler) -> None:
        """A byte of a header now and then: each is an answer in time, all of them are none."""
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.closing.wait(0.1):
            handler.wfile.write(b"a")
            handler.wfile.flush()

    def never_begin(self, handler: BaseHTTPRequestHandler) -> None:
        """Says for ever that it goes on, and never how it ended."""
        while not self.closing.is_set():
            handler.wfile.write(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100)

    def types(self) -> list[str]:
        return [post.type for post in self.posts]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
