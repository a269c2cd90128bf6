"""A real S3 server over HTTP, on a loopback port, with a bucket; it may be stopped and comes back with what it had."""

import os
import urllib.request
from types import TracebackType
from typing import Self

from moto.server import ThreadedMotoServer

BUCKET = "papers"
REGION = "ca-central-1"


class S3Server:
    """`with S3Server() as s3:` and `s3.url` is where documents may be kept; the environment says how to get in."""

    def __init__(self) -> None:
        self._port = 0  # known once started
        self._server: ThreadedMotoServer | None = None
        self._before: dict[str, str | None] = {}

    def __enter__(self) -> Self:
        self.start()
        access = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "tests", "AWS_REGION": REGION}
        self.environment = access | {"AWS_ENDPOINT_URL": self.endpoint, "AWS_ALLOW_HTTP": "true"}
        self._before = {name: os.environ.get(name) for name in self.environment}
        os.environ.update(self.environment)
        where = (
            f"<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
        )
        made = urllib.request.Request(f"{self.endpoint}/{BUCKET}", method="PUT", data=where.encode())  # noqa: S310 (ours)
        urllib.request.urlopen(made).close()  # noqa: S310 (ours)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        for name, value in self._before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        return f"s3://{BUCKET}/kept/here"

    def start(self) -> None:
        """On the port it had, if it ran before."""
        self._server = ThreadedMotoServer("127.0.0.1", self._port, verbose=False)
        self._server.start()
        _, self._port = self._server.get_host_and_port()

    def stop(self) -> None:
        if self._server:
            self._server.stop()
            self._server = None
