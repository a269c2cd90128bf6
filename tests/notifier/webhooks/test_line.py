"""The address that was checked is the one that is connected to, and the host keeps its name."""

import ssl
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpcore
import pytest

from notifier.webhooks.receiver import Receiver, answering
from secor_notifier.webhooks.destination import ForbiddenDestinationError
from secor_notifier.webhooks.knock import Answer, Knocker
from secor_notifier.webhooks.line import GuardedLine, Resolve, resolve
from secor_notifier.webhooks.policy import WebhookPolicy

POLICY = WebhookPolicy.read()
FORBIDDEN = Answer(error="The address is not on the public internet.")


def telling(*answers: list[str]) -> tuple[Resolve, list[str]]:
    """A name server that says something else each time, and what it was asked."""
    left, asked = list(answers), list[str]()

    async def tell(host: str, _port: int) -> list[str]:
        asked.append(host)
        return left.pop(0)

    return tell, asked


class Outside(httpcore.AsyncNetworkBackend):
    """A network in which nobody answers; it remembers who was called."""

    def __init__(self) -> None:
        self.called: list[str] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,  # noqa: ARG002 - httpcore's own signature
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - see above
        local_address: str | None = None,  # noqa: ARG002 - see above
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - see above
    ) -> httpcore.AsyncNetworkStream:
        self.called.append(host)
        raise httpcore.ConnectError


@pytest.mark.parametrize(
    "addresses", [["10.0.0.7"], ["::1"], ["::ffff:10.0.0.1"], ["169.254.169.254"], ["1.1.1.1", "127.0.0.1"]]
)
async def test_a_name_that_stands_for_a_private_address_is_not_called(addresses: list[str]) -> None:
    resolver, _asked = telling(addresses)
    outside = Outside()

    with pytest.raises(ForbiddenDestinationError):
        await GuardedLine(anywhere=False, resolve=resolver, out=outside).connect_tcp("hooks.example", 443)
    assert outside.called == []


async def test_a_name_that_changes_after_the_check_is_called_at_the_address_that_was_checked() -> None:
    resolver, asked = telling(["1.1.1.1"], ["127.0.0.1"])
    outside = Outside()

    with pytest.raises(httpcore.ConnectError):
        await GuardedLine(anywhere=False, resolve=resolver, out=outside).connect_tcp("hooks.example", 443)
    assert (asked, outside.called) == (["hooks.example"], ["1.1.1.1"])


async def test_where_one_address_does_not_answer_the_next_one_is_tried() -> None:
    resolver, asked = telling(["2606:4700:4700::1111", "1.1.1.1", "1.0.0.1", "8.8.8.8"])
    outside = Outside()

    with pytest.raises(httpcore.ConnectError):
        await GuardedLine(anywhere=False, resolve=resolver, out=outside).connect_tcp("hooks.example", 443)
    assert (asked, outside.called) == (["hooks.example"], ["2606:4700:4700::1111", "1.1.1.1", "1.0.0.1"])


async def test_a_name_that_turns_private_is_refused_from_then_on() -> None:
    resolver, _asked = telling(["1.1.1.1"], ["127.0.0.1"])
    outside = Outside()
    line = GuardedLine(anywhere=False, resolve=resolver, out=outside)

    with pytest.raises(httpcore.ConnectError):
        await line.connect_tcp("hooks.example", 443)
    with pytest.raises(ForbiddenDestinationError):
        await line.connect_tcp("hooks.example", 443)
    assert outside.called == ["1.1.1.1"]


@pytest.mark.parametrize("host", ["2130706433", "0177.0.0.1", "0x7f.1", "localhost"])
async def test_what_the_machine_itself_reads_as_loopback_is_refused(host: str) -> None:
    with pytest.raises(ForbiddenDestinationError):
        await GuardedLine(anywhere=False, resolve=resolve, out=Outside()).connect_tcp(host, 443)


async def test_nothing_goes_to_a_socket_in_the_file_system() -> None:
    with pytest.raises(ForbiddenDestinationError):
        await GuardedLine(anywhere=True).connect_unix_socket("/var/run/docker.sock")


@pytest.mark.parametrize("url", ["https://127.0.0.1:{port}/", "http://127.0.0.1:{port}/", "https://localhost:{port}/"])
async def test_a_service_beside_us_is_not_reached(url: str) -> None:
    with Receiver() as receiver:
        async with Knocker(POLICY, anywhere=False) as knocker:
            answer = await knocker.post(url.format(port=receiver.port), {}, "{}")

    assert answer.error
    assert receiver.posts == []


async def test_a_redirect_to_a_private_address_is_not_followed() -> None:
    with Receiver() as inside, Receiver(answering(307, Location=inside.url)) as receiver:
        async with Knocker(POLICY, anywhere=True) as knocker:
            answer = await knocker.post(receiver.url, {}, "{}")

    assert answer == Answer(307, "It answered 307; redirects are not followed.")
    assert (len(receiver.posts), inside.posts) == (1, [])


async def test_host_and_tls_know_the_name_though_an_address_was_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str | None] = []
    context = certified("hooks.example", tmp_path)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    resolver, asked = telling(["127.0.0.1"])

    with Receiver(tls=context) as receiver:
        async with Knocker(POLICY, anywhere=True, resolve=resolver) as knocker:
            answer = await knocker.post(f"https://hooks.example:{receiver.port}/hook", {}, "{}")

    assert answer == Answer(204)
    assert (asked, names) == (["hooks.example"], ["hooks.example"])
    assert receiver.posts[0].headers["host"] == f"hooks.example:{receiver.port}"


async def test_a_certificate_for_another_name_does_not_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = certified("hooks.example", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    resolver, _asked = telling(["127.0.0.1"])

    with Receiver(tls=context) as receiver:
        async with Knocker(POLICY, anywhere=True, resolve=resolver) as knocker:
            answer = await knocker.post(f"https://other.example:{receiver.port}/hook", {}, "{}")

    assert answer.error == "The connection failed (ConnectError)."
    assert receiver.posts == []


def certified(name: str, folder: Path) -> ssl.SSLContext:
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"),
            *("-keyout", "key.pem", "-out", "cert.pem"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
