"""How long the services take to be ready and what memory they hold; how soon a live reader hears of a command."""

import json
import math
import socket
import threading
import time
from contextlib import closing
from pathlib import Path
from urllib.request import Request, urlopen

from bench.generator import registration, request
from bench.servers import PATIENCE, Serving, notifier, service


def seconds_to_ready(url: str, home: Path) -> float:
    """From the start of the process to the first answer of /readyz."""
    with service(url, home) as started:
        return started.ready_after


def notifier_seconds(workflow: Serving, home: Path) -> tuple[float, float]:
    """Seconds to ready, and megabytes idle."""
    with notifier(workflow, home) as started:
        time.sleep(1)
        return started.ready_after, megabytes(started)


def megabytes(of: Serving) -> float:
    """What the process holds for itself (RSS)."""
    status = Path(f"/proc/{of.process.pid}/status").read_text("utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


class Listener:
    """A reader of the live feed: when each event came."""

    def __init__(self, on: Serving) -> None:
        self.heard: dict[str, float] = {}
        self._socket = socket.create_connection(("127.0.0.1", on.port))
        head = f"GET /v1/events?after={_head(on)} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {on.key}\r\n"
        self._socket.sendall(f"{head}Accept: text/event-stream\r\n\r\n".encode())
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        rest = b""
        while piece := self._socket.recv(1 << 16):
            now = time.perf_counter()
            *frames, rest = (rest + piece).split(b"\n\n")
            for frame in frames:
                _, found, data = frame.partition(b"data: ")
                if found:
                    self.heard[json.loads(data)["id"]] = now

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)


def _head(on: Serving) -> str:
    """The cursor of the head."""
    headers = {"Authorization": f"Bearer {on.key}"}
    asked = Request(f"{on.url}/v1/events/head", headers=headers)  # noqa: S310 (our own server)
    with urlopen(asked, timeout=PATIENCE) as answer:  # noqa: S310 (our own server)
        return str(json.loads(answer.read())["cursor"])


def milliseconds_to_hear(on: Serving, *, a_second: int, seconds: float, first_account: int) -> tuple[float, float]:
    """Half and nearly all of the times from the answer of a command to its event at a live reader, p50 and p99.

    An event may be heard before its command is answered; that counts as no time at all.
    """
    listener = Listener(on)
    answered: dict[str, float] = {}
    with closing(socket.create_connection(("127.0.0.1", on.port), timeout=PATIENCE)) as line:
        began = time.perf_counter()
        for i in range(int(a_second * seconds)):
            time.sleep(max(0.0, began + i / a_second - time.perf_counter()))
            line.sendall(request(b"/v1/cases", on.key, registration(first_account + i, "761056")))
            answer = b""
            while not answer.endswith(b"}}"):
                answer += line.recv(1 << 16)
            answered[json.loads(answer.partition(b"\r\n\r\n")[2])["event"]["id"]] = time.perf_counter()
    time.sleep(0.5)
    listener.close()
    took = sorted(max(0.0, listener.heard.get(id_, math.inf) - at) * 1000 for id_, at in answered.items())
    return took[len(took) // 2], took[len(took) * 99 // 100]
