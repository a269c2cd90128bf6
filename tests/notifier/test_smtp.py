"""Letters by a real SMTP server: refused, away, back again, encrypted, with a password."""

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from notifier.house import House, eventually
from notifier.stand_in import Json, due
from secor_notifier.channels import Refusal, open_channel
from secor_notifier.channels.channel import UnknownMailUrlError
from secor_notifier.channels.envelope import (
    Addressed,
    Attachment,
    BadAddressError,
    Contents,
    Postmark,
    seal,
)
from secor_notifier.channels.envelope import Envelope as Letter

NOW = datetime(2026, 12, 1, 18, tzinfo=UTC)
STAFF = "staff@go2hr.example"


@dataclass
class Post:
    """What a mail server was handed, and how it shall answer."""

    letters: list[Envelope] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    data_answer: str = "250 OK"
    hangs_up: bool = False

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name for it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.letters.append(envelope)
        if self.hangs_up and _server.transport:
            _server.transport.close()
        return self.data_answer

    @property
    def to_employers(self) -> list[Envelope]:
        """All but the staff's digest, which comes on business days from half past seven, whatever a test is about."""
        return [letter for letter in self.letters if letter.rcpt_tos != [STAFF]]

    def message_ids(self) -> list[str]:
        return [
            line.split(b":", 1)[1].strip().decode()
            for letter in self.to_employers
            for line in _content(letter).splitlines()
            if line.lower().startswith(b"message-id:")
        ]


def _content(letter: Envelope) -> bytes:
    assert isinstance(letter.content, bytes)
    return letter.content


@contextmanager
def mail_server(post: Post, port: int = 0, **options: Any) -> Iterator[int]:  # noqa: ANN401 - aiosmtpd's own options
    controller = Controller(post, hostname="127.0.0.1", port=port or free_port(), ready_timeout=10, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def free_port() -> int:
    import socket  # noqa: PLC0415

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def letter(to: str = "ana@inn.example", sender: str = "secor@go2hr.example") -> Letter:
    return seal(
        Postmark("6f1e0000-0000-5000-8000-000000000001", "welcome", NOW),
        Contents("Welcome – bienvenue", "Text é", "<p>Page é</p>", (Attachment("a.json", b"{}"),)),
        Addressed(sender, to, "Ana Ng"),
        NOW,
    )


async def send(url: str, envelope: Letter) -> Refusal | None:
    return await open_channel(url).send(envelope)


async def test_a_letter_is_handed_over_whole() -> None:
    post = Post()
    with mail_server(post) as port:
        assert await send(f"smtp://127.0.0.1:{port}", letter()) is None

    [handed] = post.letters
    assert (handed.mail_from, handed.rcpt_tos) == ("secor@go2hr.example", ["ana@inn.example"])
    assert post.message_ids() == ["<6f1e0000-0000-5000-8000-000000000001@go2hr.example>"]


@pytest.mark.parametrize(
    ("answer", "for_good"), [("550 no such user ana@inn.example", True), ("451 later, ana@inn.example", False)]
)
async def test_a_refused_recipient_is_recorded_without_the_address(answer: str, for_good: bool) -> None:  # noqa: FBT001
    with mail_server(Post(refused={"ana@inn.example": answer})) as port:
        refusal = await send(f"smtp://127.0.0.1:{port}", letter())

    error = f"SMTP {answer[:3]}: the recipient was refused (SMTPRecipientsRefused)."
    assert refusal == Refusal(error, for_good=for_good)


@pytest.mark.parametrize(("answer", "for_good"), [("554 spam", True), ("452 full", False)])
async def test_a_refused_letter_is_recorded(answer: str, for_good: bool) -> None:  # noqa: FBT001
    with mail_server(Post(data_answer=answer)) as port:
        refusal = await send(f"smtp://127.0.0.1:{port}", letter())

    assert refusal == Refusal(f"SMTP {answer[:3]}: the letter was refused (SMTPDataError).", for_good=for_good)


async def test_a_server_that_is_away_is_told_as_such() -> None:
    refusal = await send(f"smtp://127.0.0.1:{free_port()}", letter())

    assert refusal == Refusal("The mail server cannot be reached (SMTPConnectError).", nobody_there=True)


async def test_a_line_that_breaks_when_the_letter_was_said_leaves_open_whether_it_was_taken() -> None:
    with mail_server(Post(hangs_up=True)) as port:
        refusal = await send(f"smtp://127.0.0.1:{port}", letter())

    assert refusal == Refusal("The mail server was lost when it had the letter (SMTPServerDisconnected).", unknown=True)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of our own for 127.0.0.1, in one file with its key."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder


def tls(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


async def test_starttls_and_login(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    seen: list[Any] = []

    def authenticator(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: LoginPassword
    ) -> AuthResult:
        seen.append(data)
        return AuthResult(success=data.password == b"p@ss", handled=False)

    post = Post()
    options: Json = {"tls_context": tls(certificate), "require_starttls": True, "authenticator": authenticator}
    with mail_server(post, auth_required=True, **options) as port:
        assert await send(f"smtp://us:p%40ss@127.0.0.1:{port}?starttls=1", letter()) is None
        wrong = await send(f"smtp://us:wrong@127.0.0.1:{port}?starttls=1", letter())
        bare = await send(f"smtp://127.0.0.1:{port}", letter())

    assert len(post.letters) == 1
    assert seen[0].login == b"us"
    assert wrong == Refusal("SMTP 535 (SMTPAuthenticationError).")
    assert bare is not None
    assert not bare.for_good


async def test_a_server_whose_certificate_does_not_hold_gets_no_letter(certificate: Path) -> None:
    post = Post()
    with mail_server(post, tls_context=tls(certificate)) as port:
        refusal = await send(f"smtp://127.0.0.1:{port}?starttls=1", letter())

    assert refusal is not None
    assert post.letters == []


def test_an_address_that_is_none_is_refused_before_any_server_sees_it() -> None:
    for to in ("", "no address", "a@b\nBcc: c@d"):
        with pytest.raises(BadAddressError):
            letter(to)


@pytest.mark.parametrize("url", ["", "http://x", "smpt://typo", "/path"])
def test_a_mail_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(UnknownMailUrlError):
        open_channel(url)


async def test_the_same_letter_is_the_same_file(tmp_path: Path) -> None:
    for _ in range(2):
        assert await send(f"file:{tmp_path}/box", letter()) is None

    [file] = (tmp_path / "box").iterdir()
    assert file.name == "20261201T180000.000000Z-welcome-6f1e0000-0000-5000-8000-000000000001.eml"


async def test_a_folder_that_cannot_be_written_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "box").write_text("a file, no folder")

    refusal = await send(f"file:{tmp_path}/box", letter())
    assert refusal == Refusal("The mailbox folder cannot be written (FileExistsError).", nobody_there=True)


@contextmanager
def house_with(tmp_path: Path, port: int) -> Iterator[tuple[House, Json]]:
    """A case whose notice was filed, in a house that sends by SMTP."""
    url = f"sqlite:///{tmp_path / 'notifier.db'}"
    with House(tmp_path, url, mail_url=f"smtp://127.0.0.1:{port}") as house:
        contact = house.workflow.person("Ana Ng", "ana@inn.example")
        champion = house.workflow.person("Bo Lee", "bo@inn.example")
        case = house.workflow.case(contact)
        house.workflow.tell(case, "EmployerRegistered", {"contact_id": contact})
        house.workflow.tell(case, "ChampionNamed", {"person_id": champion}, champion={"person_id": champion})
        house.settle()
        yield house, {"contact": contact, "champion": champion}


def test_one_refused_recipient_does_not_stop_the_others(tmp_path: Path) -> None:
    post = Post(refused={"ana@inn.example": "550 nobody", "bo@inn.example": "451 busy"})
    with mail_server(post) as port, house_with(tmp_path, port) as (house, people):
        by_person = {one["recipient"]: one for one in house.reminders()}
        refused, delayed = by_person[people["contact"]], by_person[people["champion"]]
        assert (refused["status"], refused["attempts"], refused["next_attempt_at"]) == ("dead", 1, None)
        assert refused["last_error"] == "SMTP 550: the recipient was refused (SMTPRecipientsRefused)."
        assert (delayed["status"], delayed["attempts"]) == ("failed", 1)

        post.refused.clear()
        house.set_clock(advance="PT1M")
        assert [envelope.rcpt_tos for envelope in post.to_employers] == [["bo@inn.example"]]
        assert {one["status"] for one in house.reminders()} == {"dead", "sent"}


def test_a_mail_server_away_is_tried_again_with_growing_pauses(tmp_path: Path) -> None:
    port, post = free_port(), Post()
    with house_with(tmp_path, port) as (house, _people):
        for minutes, attempts in ((1, 2), (5, 3), (15, 4)):
            house.set_clock(advance=f"PT{minutes}M1S")
            assert [one["attempts"] for one in house.reminders(status="failed")] == [attempts, attempts]
        with mail_server(post, port):
            house.set_clock(advance="PT1H1S")

        sent = house.reminders(status="sent")
        assert [one["attempts"] for one in sent] == [5, 5]
        assert sorted(post.message_ids()) == sorted(one["message_id"] for one in sent)


def test_a_mail_server_away_for_good_ends_in_failure(tmp_path: Path) -> None:
    with house_with(tmp_path, free_port()) as (house, _people):
        for _ in range(25):
            house.set_clock(advance="PT4H1S")

        assert {(one["status"], one["last_error"]) for one in house.reminders()} == {
            ("dead", "The mail server cannot be reached (SMTPConnectError).")
        }


def test_a_letter_handed_over_but_not_recorded_is_repeated_with_the_same_message_id(tmp_path: Path) -> None:
    """The server takes the letter and then says otherwise: to us that is no hand-over."""
    post = Post(data_answer="451 taken, but not said")
    with mail_server(post) as port, house_with(tmp_path, port) as (house, _people):
        post.data_answer = "250 OK"
        house.set_clock(advance="PT1M1S")
        eventually(lambda: len(house.reminders(status="sent")) == 2)

    ids = post.message_ids()
    assert len(ids) == 4
    assert len(set(ids)) == 2


def test_several_nudges_for_one_person_go_out_as_one_letter(tmp_path: Path) -> None:
    post = Post()
    with mail_server(post) as port, house_with(tmp_path, port) as (house, people):
        case = house.reminders()[0]["case_id"]
        house.workflow.now = datetime(2027, 1, 29, 20, tzinfo=UTC)
        deadlines = [due("audit_submission", "2027-02-12"), due("sms", "2027-02-12")]
        house.workflow.tell(case, "ReviewerAssigned", at=datetime(2027, 1, 20, 20, tzinfo=UTC), deadlines=deadlines)
        house.set_clock(now="2027-01-29T12:00:00-07:00")

        sent = [one for one in house.reminders(recipient=people["contact"]) if one["letter"] == "deadline_reminder"]
        assert [(one["deadline"], one["status"]) for one in sent] == [("audit_submission", "sent"), ("sms", "sent")]
        [message_id] = {one["message_id"] for one in sent}
        assert post.message_ids().count(message_id) == 1


def test_a_nudge_that_may_have_arrived_is_not_repeated_and_a_notice_is_under_its_message_id(tmp_path: Path) -> None:
    post = Post(hangs_up=True)
    with mail_server(post) as port, house_with(tmp_path, port) as (house, people):
        assert {one["status"] for one in house.reminders()} == {"unknown"}
        post.hangs_up = False
        house.set_clock(advance="PT1M1S")
        assert {one["status"] for one in house.reminders()} == {"sent"}
        assert len(post.message_ids()) == 2 * len(set(post.message_ids()))

        case = house.reminders()[0]["case_id"]
        house.workflow.tell(
            case, "ReviewerAssigned", at=datetime(2027, 1, 20, 20, tzinfo=UTC), deadlines=[due("sms", "2027-02-12")]
        )
        post.hangs_up = True
        for on in ("2027-01-29T12:00:00-07:00", "2027-01-29T16:00:00-07:00"):
            house.set_clock(now=on)
        [nudge] = house.reminders(recipient=people["contact"], letter="deadline_reminder")
        assert (nudge["status"], nudge["next_attempt_at"]) == ("unknown", None)
        assert post.message_ids().count(nudge["message_id"]) == 1


def test_a_letter_that_cannot_be_written_for_one_case_fails_in_the_open_and_no_other_does(tmp_path: Path) -> None:
    post = Post()
    with mail_server(post) as port, house_with(tmp_path, port) as (house, people):
        case = house.reminders()[0]["case_id"]
        house.workflow.tell(case, "SelfAssessmentRecorded", {"gaps": "no list at all"})
        house.workflow.tell(case, "NoticeAccepted", state="NoticeFiled")
        house.set_clock(now="2027-01-29T12:00:00-07:00")

        by_letter = {one["letter"]: one for one in house.reminders(recipient=people["contact"])}
        assert (by_letter["gaps"]["status"], by_letter["gaps"]["attempts"]) == ("dead", 1)
        assert "The letter 'gaps' could not be written" in by_letter["gaps"]["last_error"]
        assert by_letter["gaps"]["written_as"] is None
        assert by_letter["notice_accepted"]["status"] == "sent"
        assert by_letter["notice_accepted"]["message_id"] in post.message_ids()
        assert b"gaps to contact: given up" in _content(post.letters[-1])


def test_a_letter_that_the_server_took_and_lost_is_known_once_it_is_told_and_goes_again_when_asked(
    tmp_path: Path,
) -> None:
    post = Post()
    with mail_server(post) as port, house_with(tmp_path, port) as (house, people):
        [lost] = house.reminders(recipient=people["contact"])
        house.set_clock(advance="P3D")
        assert (lost["status"], lost["delivery"]) == ("sent", None)
        assert post.message_ids().count(lost["message_id"]) == 1

        report = {"message_id": lost["message_id"], "delivery": "failed", "status": "5.0.0"}
        [told] = house.ask("/v1/delivery-reports", method="POST", json=report).json()["items"]
        assert told["delivery"] == "failed"
        house.ask(f"/v1/reminders/{lost['reminder_id']}:resend", method="POST", json={})
        house.settle()
        [again] = house.reminders(recipient=people["contact"])
        assert (again["status"], again["delivery"]) == ("sent", None)
        assert post.message_ids().count(lost["message_id"]) == 2
