"""`make smoke`: plays a case through the composed system over its published ports, and looks at what came of it.

In a sandbox the clock goes on and the case ends certified. By the real clock it goes as far as one can on one day: to
an accepted notice. It leaves that case behind, so on a system with real cases it is to be run before the first of them.
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import httpx
from rich.console import Console

import papers
from smoke_case import Json, SmokeCase, Unlike, ok

PATIENCE_SECONDS = 60
LETTER_SECONDS = 150  # a letter that could not be handed over is tried again after a minute
console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    """0 if each step went as it should."""
    begun = time.monotonic()
    try:
        with SmokeCase.at(os.environ, admin_key()) as case:
            play(case)
    except (Unlike, httpx.HTTPError) as difference:
        console.print(f"[red]✗[/red] {difference}", markup=True)
        return 1
    console.print(f"All as it should be, in {time.monotonic() - begun:.0f} s.")
    return 0


def admin_key() -> str:
    """The first admin's, which the composed system made; or another one's, in ADMIN_KEY."""
    if given := os.environ.get("ADMIN_KEY"):
        return given
    command = ["docker", "compose", "run", "--rm", "--no-deps", "-T", "--entrypoint", "cat", "prepare"]
    asked = subprocess.run([*command, "/secrets/operator/ADMIN_KEY"], capture_output=True, text=True, check=False)  # noqa: S603 (our own)
    if asked.returncode or not asked.stdout.strip():
        raise Unlike(f"there is no admin's key: {asked.stderr.strip()}")
    return asked.stdout.strip()


def play(case: SmokeCase) -> None:
    """From the registration to the certificate, or to the accepted notice."""
    before = case.head()
    tick(f"the log ends at position {before}")
    case.register()
    tick(f"{case.name} is registered: {case.case_id}")
    case.refused("declare-sms", {}, "not_now")
    tick("a command that comes too early is refused")
    case.send("name-champion", {"person": case.champion, "employment": "permanent"})
    case.send("record-training", {"course": case.course, "completed_on": str(case.today)}, by=case.integration)
    case.send("record-self-assessment", case.assessment())
    case.send("declare-sms")
    start = case.today + timedelta(days=20)
    case.send("file-notice", notice(start))
    case.send("accept-notice", by=case.staff)
    tick(f"the champion is named and trained, the notice is accepted: {case.state()}")
    documents(case)
    if case.sandbox:
        to_the_certificate(case, start)
    feed(case, before)
    letters(case)


def to_the_certificate(case: SmokeCase, start: date) -> None:
    """What one can do in a sandbox alone: the days go by."""
    case.advance(22)
    case.send("submit-audit", case.audit(start))
    case.send("assign-reviewer", {"reviewer": case.reviewer_id}, by=case.staff)
    case.send("decide-qa", by=case.reviewer)
    case.send("forward-to-worksafebc", by=case.staff)
    issued = {"certificate_number": f"SMOKE-{case.account}", "issued_on": str(start + timedelta(days=2))}
    case.send("record-certificate", issued, by=case.integration)
    if (state := case.state()) != "Certified":
        raise Unlike(f"the case should be certified, but is {state}")
    tick("the audit is submitted, reviewed and forwarded; the case is Certified")


def documents(case: SmokeCase) -> None:
    """One goes up and comes back, unchanged, from every process."""
    sent = papers.audit_tool("SECOR Audit Tool", case.name)
    document = case.hand_in("audit_tool", "audit.pdf", sent)
    path = f"/v1/cases/{case.case_id}/documents/{document['document_id']}/content"
    for _ in range(4):
        if (back := case.employer.get(path)).content != sent:
            raise Unlike(f"the document came back otherwise: {back.status_code}, {len(back.content)} bytes")
    tick(f"a document of {len(sent)} bytes went up and came back: {hashlib.sha256(sent).hexdigest()[:12]}…")


def feed(case: SmokeCase, before: int) -> None:
    """Every event of the case stands in the feed, and no position is missing there."""
    head = case.head()
    lines = ok(case.reader.get("/v1/events", headers={"Accept": "application/x-ndjson"}), "the feed").text.splitlines()
    if len(lines) < head or head <= before:
        raise Unlike(f"the feed has {len(lines)} events, the log {head}")
    own = case.events()
    tick(f"the feed has all {len(lines)} events, {len(own)} of them of this case")


def letters(case: SmokeCase) -> None:
    """The welcome has arrived; outside good hours it is decided, and waits for them."""
    until("the notifier has read this case", lambda: any(one["letter"] == "welcome" for one in case.letters()))
    waiting = next((one for one in case.letters() if one["letter"] == "welcome" and one["waits_because"]), None)
    if waiting:
        tick(f"the welcome is decided and goes out at {waiting['next_attempt_at']}: {waiting['waits_because']}")
        return
    address = case.contact["email"]
    until(f"a letter to {address} arrives", lambda: address in case.mailbox(), seconds=LETTER_SECONDS)
    tick(f"{case.mailbox().count(address)} letters to {address} are in the mail catcher")


def until(what: str, holds: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Ask again for a while."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise Unlike(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.5)


def notice(start: date) -> Json:
    sites = [{"name": "Main site", "city": "Nelson"}]
    days = {"starts_on": str(start), "ends_on": str(start + timedelta(days=1))}
    return {"audit_kind": "certification", **days, "sites": sites}


def tick(what: str) -> None:
    console.print(f"[green]✓[/green] {datetime.now(UTC):%H:%M:%S} {what}")


if __name__ == "__main__":
    sys.exit(main())
