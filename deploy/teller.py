"""Tells a story over HTTP: sends commands, moves the clock, shows what came of it, checks what is expected."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
from rich.console import Console
from rich.markup import escape

from local import Place

Json = dict[str, Any]

PATIENCE_SECONDS = 30


class Differs(Exception):  # noqa: N818 (the story's own word)
    """Something is not as the story expects."""


@dataclass
class Employer:
    """One employer of the story, with its key, its case, and what was already told of it."""

    name: str
    colour: str
    http: httpx.Client
    case_id: str = ""
    case: Json = field(default_factory=dict)
    letters_told: set[str] = field(default_factory=set)

    @property
    def label(self) -> str:
        return f"[{self.colour}]{self.name}[/]"


class Teller:
    """Everything the story does goes through here, and over HTTP."""

    def __init__(
        self,
        at: Place,
        keys: Mapping[str, str],
        console: Console,
        employers_credential: Callable[[str], str] | None = None,
    ) -> None:
        self.at, self.console = at, console
        self._employers_credential = employers_credential
        self._clients: list[httpx.Client] = []
        self.admin = self._client(at.workflow_url, keys["ADMIN_KEY"])
        self.staff = self._client(at.workflow_url, keys["STAFF_KEY"])
        self.reviewer = self._client(at.workflow_url, keys["REVIEWER_KEY"])
        self.integration = self._client(at.workflow_url, keys["INTEGRATION_KEY"])
        self.notifier = self._client(at.notifier_url, keys["ADMIN_KEY"])
        self.reviewer_id: str = self._get(self.reviewer, "/v1/me")["actor_id"]
        self.policy = self._get(self.admin, "/v1/policy")
        self.employers: list[Employer] = []
        self.commands = self.documents = self.letters = 0

    def close(self) -> None:
        for client in self._clients:
            client.close()

    # --- time -------------------------------------------------------------------------------------------------------

    def day(self, day: str) -> None:
        """Let the letters of the past go out, then let it be ten in the morning of a day, with all that fell due."""
        if self.employers:
            self.post()
        now = {"now": f"{day}T10:00:00-07:00"}
        self._put(self.admin, now)
        self._put(self.notifier, now)
        self.console.rule(f"[bold]{date.fromisoformat(day):%A, %-d %B %Y}", align="left", style="dim")
        for employer in self.employers:
            self._tell_of_clock(employer)
        self._tell_letters()

    def post(self) -> None:
        """Let the notifier read on and send what is owed now."""
        self._put(self.notifier, {"advance": "PT0S"})
        self._tell_letters()

    # --- people and commands ----------------------------------------------------------------------------------------

    def employer(self, name: str, colour: str, account: str) -> Employer:
        """A new employer with a key of its own, or what else its account is given to come with."""
        body = {"role": "employer", "name": name, "worksafebc_account": account}
        if self._employers_credential:
            credential = self._employers_credential(account)
        else:
            credential = self._ok(self._post(self.admin, "/v1/keys", body), "create key")["key"]
        employer = Employer(name, colour, self._client(self.at.workflow_url, credential))
        self.employers.append(employer)
        return employer

    def register(self, employer: Employer, body: Json) -> None:
        answer = self._ok(self._post(employer.http, "/v1/cases", body), "register-employer")
        employer.case_id = answer["case"]["case_id"]
        self._told(employer, "register-employer", answer)

    def send(
        self, employer: Employer, command: str, body: Json | None = None, *, by: httpx.Client | None = None
    ) -> Json:
        """A command that must succeed; by the employer itself unless somebody else is named."""
        url = f"/v1/cases/{employer.case_id}/commands/{command}"
        answer = self._ok(self._post(by or employer.http, url, body or {}), command)
        self._told(employer, command, answer)
        return answer

    def hand_in(self, employer: Employer, kind: str, name: str, content: bytes) -> Json:
        """A document that the employer hands in; the same file as before is the same document."""
        url, form = (
            f"/v1/cases/{employer.case_id}/documents",
            {"data": {"kind": kind}, "files": {"file": (name, content)}},
        )
        answer = self._ask(employer.http, "POST", url, headers={"Idempotency-Key": str(uuid4())}, **form)
        document = self._ok(answer, f"hand in {name}")
        new = answer.status_code == httpx.codes.CREATED
        self.documents += new
        said = f"{document['size']:,} bytes, {document['sha256'][:12]}…" if new else "the same file as before"
        self.console.print(f"  {employer.label}  {'hands in' if new else 'has'} {escape(name)} [dim]{kind}, {said}[/]")
        return document

    def replaced(self, employer: Employer) -> list[str]:
        """The kinds of the documents that gave way to others in the newest round of the audit."""
        *_, newest = self._get(self.staff, f"/v1/cases/{employer.case_id}/audit/rounds")["items"]
        return [change["kind"] for change in newest["changes"]["documents_replaced"]]

    def refused(self, employer: Employer, command: str, body: Json, code: str) -> None:
        """A command that must be refused, for this reason."""
        answer = self._post(employer.http, f"/v1/cases/{employer.case_id}/commands/{command}", body)
        problem = answer.json()
        self.expect(f"{command} is refused", answer.status_code, httpx.codes.CONFLICT)
        self.expect(f"{command} is refused because of", [b["code"] for b in problem["blockers"]], [code])
        self.console.print(f"  {employer.label}  {command} [red]refused[/]: {escape(problem['detail'])}")

    # --- expectations -----------------------------------------------------------------------------------------------

    def expect(self, what: str, found: object, expected: object) -> None:
        if found != expected:
            raise Differs(f"{what}: expected {expected!r}, found {found!r}")

    def state(self, employer: Employer, state: str, **due: str | None) -> None:
        """The case's state, and the dates of deadlines (None: not owed)."""
        employer.case = self._get(self.staff, f"/v1/cases/{employer.case_id}")
        self.expect(f"{employer.name}'s state", employer.case["state"], state)
        standing = {deadline["name"]: deadline["due_on"] for deadline in employer.case["deadlines"]}
        for name, day in due.items():
            self.expect(f"{employer.name}'s {name}", standing.get(name), day)

    def missed(self, employer: Employer, *names: str) -> None:
        found = {deadline["name"] for deadline in employer.case["deadlines"] if deadline["missed"]}
        self.expect(f"{employer.name}'s missed deadlines", found, {*names})

    def received(self, employer: Employer, expected: dict[str, int]) -> None:
        """How many of each letter went out about a case, all in all."""
        found: dict[str, int] = {}
        for reminder in self.reminders(employer):
            found[reminder["letter"]] = found.get(reminder["letter"], 0) + 1
        for letter, count in expected.items():
            self.expect(f"{employer.name}: letters {letter}", found.get(letter, 0), count)

    # --- telling ----------------------------------------------------------------------------------------------------

    def _told(self, employer: Employer, command: str, answer: Json) -> None:
        self.commands += 1
        before = {d["name"]: d["due_on"] for d in employer.case.get("deadlines", [])}
        employer.case = answer["case"]
        self.console.print(f"  {employer.label}  {command} → [bold]{employer.case['state']}[/]")
        for deadline in employer.case["deadlines"]:
            if deadline["name"] != "idle" and before.get(deadline["name"]) != deadline["due_on"]:
                why = ", ".join(deadline["explanation"])
                self.console.print(f"      [yellow]⏰ {deadline['name']} {deadline['due_on']}[/] [dim]{escape(why)}[/]")
        if command == "decide-qa":
            overall, failed = employer.case["qa"]["overall"], ", ".join(employer.case["qa"]["failed_elements"])
            short = f"; too few in {failed}" if failed else ""
            self.console.print(f"      {overall['earned']} of {overall['available']} points{short}")
        if command == "record-certificate" and (estimate := employer.case["incentive_estimate"]):
            why = ", ".join(estimate["explanation"])
            self.console.print(
                f"      [green]incentive {estimate['amount']} {estimate['currency']}[/] [dim]{escape(why)}[/]"
            )

    def _tell_of_clock(self, employer: Employer) -> None:
        """What the clock did to a case while the days went by."""
        before = employer.case.get("version", 0)
        history = self._get(self.staff, f"/v1/cases/{employer.case_id}/events")["items"]
        for event in history[before:]:
            fact = re.sub(r"^ca\.go2hr\.secor\.|\.v1$", "", event["type"])
            what = event["data"]["fact"].get("deadline", "")
            self.console.print(f"  {employer.label}  [red]{fact}[/] {what} → [bold]{event['data']['state']}[/]")
        employer.case = self._get(self.staff, f"/v1/cases/{employer.case_id}")

    def _tell_letters(self) -> None:
        for employer in self.employers:
            told: dict[str, list[str]] = {}
            for reminder in self.reminders(employer):
                if reminder["reminder_id"] not in employer.letters_told:
                    employer.letters_told.add(reminder["reminder_id"])
                    about = f" about {reminder['deadline']}" if reminder["deadline"] else ""
                    told.setdefault(reminder["letter"] + about, []).append(reminder["recipient_role"])
                    self.letters += 1
            for letter, recipients in told.items():
                self.console.print(f"  {employer.label}  [cyan]✉ {letter}[/] [dim]to {', '.join(recipients)}[/]")

    def reminders(self, employer: Employer) -> list[Json]:
        """Every letter of a case that was sent, page by page."""
        found: list[Json] = []
        query = {"case_id": employer.case_id, "status": "sent", "limit": "200"}
        while True:
            page = self._get(self.notifier, "/v1/reminders", **query)
            found += page["items"]
            if page["next"] is None:
                return found
            query["cursor"] = page["next"]

    # --- HTTP: a service that is away for a moment is asked again, with the same idempotency key --------------------

    def _client(self, url: str, key: str) -> httpx.Client:
        client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60)
        self._clients.append(client)
        return client

    def _put(self, client: httpx.Client, body: Json) -> None:
        self._ok(self._ask(client, "PUT", "/v1/sandbox/clock", json=body), "set the clock")

    def _get(self, client: httpx.Client, url: str, **query: str) -> Json:
        return self._ok(self._ask(client, "GET", url, params=query), url)

    def _post(self, client: httpx.Client, url: str, body: Json) -> httpx.Response:
        return self._ask(client, "POST", url, json=body, headers={"Idempotency-Key": str(uuid4())})

    def _ask(self, client: httpx.Client, method: str, url: str, **request: Any) -> httpx.Response:  # noqa: ANN401 (httpx's own)
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer = client.request(method, url, **request)
            except httpx.TransportError as error:
                if time.monotonic() > end:
                    raise Differs(f"{method} {url}: {error!r}") from error
            else:
                away = answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
                if not (away or problem_code(answer) == "request_in_progress") or time.monotonic() > end:
                    return answer
            time.sleep(0.2)

    def _ok(self, answer: httpx.Response, what: str) -> Json:
        if not answer.is_success:
            raise Differs(f"{what}: {answer.status_code} {answer.text}")
        found: Json = answer.json()
        return found


def problem_code(answer: httpx.Response) -> str | None:
    """The code of a problem; nothing if the answer is none."""
    if answer.headers.get("content-type") != "application/problem+json":
        return None
    code: str = answer.json()["code"]
    return code
