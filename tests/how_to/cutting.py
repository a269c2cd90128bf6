"""A network that loses answers: the request arrives and is done, and the connection breaks before its answer."""

import socket
import threading
from collections.abc import Collection
from itertools import count
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class Cutting:
    """`with Cutting(url, cut={1}) as network:` passes on what comes to `network.url`, but loses some answers."""

    def __init__(self, url: str, cut: Collection[int]) -> None:
        address = urlsplit(url)
        self._upstream, self._cut = (str(address.hostname), int(address.port or 80)), cut
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for the next connection
        self._listening.close()
        self._thread.join()

    def _serve(self) -> None:
        """One connection after the other, as the program makes them."""
        for number in count(1):
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            with client, socket.create_connection(self._upstream) as service:
                asking = threading.Thread(target=_pass_on, args=(client, service))
                asking.start()
                answer = service.recv(65536)  # whatever it begins with: by then the request has been done
                if number not in self._cut:
                    client.sendall(answer)
                    _pass_on(service, client)
                else:
                    client.shutdown(socket.SHUT_RDWR)
                asking.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    """Until the source says no more, or the target wants no more."""
    try:
        while part := source.recv(65536):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return
