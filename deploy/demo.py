"""`make demo`: three employers live through three years, over HTTP alone, on an instance of their own."""

import os
import shutil
import socket
import sys
import time
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

import papers
from local import place, running
from teller import Differs, Employer, Json, Teller


def main() -> int:
    """Play the story; 0 if everything was as expected."""
    console = Console(width=120, highlight=False, soft_wrap=True)
    home = Path(os.environ.get("SECOR_HOME", ".run")) / "demo"
    shutil.rmtree(home, ignore_errors=True)
    at = place(
        home,
        _free_port(),
        _free_port(),
        WORKFLOW_DATABASE_URL=f"sqlite:///{home.resolve()}/workflow.db",
        NOTIFIER_DATABASE_URL=f"sqlite:///{home.resolve()}/notifier.db",
        NOTIFIER_MAIL_URL=f"file:{home.resolve() / 'mailbox'}",
    )
    began = time.monotonic()
    with running(at) as instance:
        teller = Teller(at, instance.keys, console)
        try:
            play(teller)
        except Differs as difference:
            console.print(Panel(f"[bold red]The story went another way:[/] {escape(str(difference))}"))
            return 1
        finally:
            teller.close()
    console.print(
        Panel(
            f"Three employers, three years, {teller.commands} commands, {teller.documents} documents, "
            f"{teller.letters} letters, "
            f"in {time.monotonic() - began:.0f} s: everything as expected.\n\n"
            f"letters    {at.mailbox}\n"
            f"databases  {home.resolve()}/workflow.db, {home.resolve()}/notifier.db\n"
            f"the log    SECOR_HOME={home} {Path(sys.executable).parent}/secor-workflow verify\n"
            f"by hand    make run, then the first case of README.md",
            title="Where to look further",
        )
    )
    return 0


def play(t: Teller) -> None:
    """The story, in four chapters."""
    t.console.print(
        Panel(
            "[blue]Blue Heron Inn[/] goes straight to its certificate.\n"
            "[green]Tidewater Café[/] fails the review on one element, files again and passes.\n"
            "[magenta]Larch Outfitters[/] goes silent, misses deadlines, loses its champion, and recovers.",
            title="Three employers, three years",
        )
    )
    heron, tide, larch = beginnings(t)
    audits(t, heron, tide, larch)
    setbacks(t, tide, larch)
    recovery(t, heron, larch)
    _check_letters(t, heron, tide, larch)


def beginnings(t: Teller) -> tuple[Employer, Employer, Employer]:
    """They register, name their champions, get trained; one is silent from the start."""
    t.day("2027-01-11")
    heron = t.employer("Blue Heron Inn", "blue", "201001")
    tide = t.employer("Tidewater Café", "green", "201002")
    larch = t.employer("Larch Outfitters", "magenta", "201003")
    t.register(heron, registration("Blue Heron Inn Ltd.", "201001", "761056", 12, "1200.00"))
    t.register(tide, registration("Tidewater Café Ltd.", "201002", "761045", 6.5, "2400.00"))
    t.register(larch, registration("Larch Outfitters Inc.", "201003", "761028", 3, None))
    t.state(heron, "Registered", name_champion="2027-02-10")

    t.day("2027-01-12")
    for employer in (heron, tide):
        t.send(employer, "name-champion", {"person": person("Robin Marsh", employer), "employment": "permanent"})
        t.send(employer, "enrol-in-training", {"course": course(t), "starts_on": "2027-01-26"})
    t.state(heron, "ChampionNamed", training="2027-04-12", name_champion=None)

    t.day("2027-01-29")
    for employer in (heron, tide):
        t.send(employer, "record-training", {"course": course(t), "completed_on": "2027-01-28"}, by=t.integration)
    t.state(heron, "Trained", student_audit="2028-01-28", sms="2027-07-29", training=None)

    t.day("2027-02-11")  # the third employer has let its first deadline pass
    t.state(larch, "Registered", name_champion="2027-02-10")
    t.missed(larch, "name_champion")
    return heron, tide, larch


def audits(t: Teller, heron: Employer, tide: Employer, larch: Employer) -> None:
    """Two are audited: one passes, one fails on one element."""
    t.day("2027-02-15")
    t.send(heron, "record-self-assessment", assessment(t, gap="inspections"))
    t.refused(heron, "declare-sms", {}, "open_gaps")
    t.send(tide, "record-self-assessment", assessment(t))

    t.day("2027-02-22")
    t.send(larch, "name-champion", {"person": person("Ash Fir", larch), "employment": "owner"})
    t.state(larch, "ChampionNamed", name_champion=None, training="2027-05-23")

    t.day("2027-03-01")
    t.send(heron, "record-self-assessment", {"elements": [{"code": "inspections", "status": "in_place"}]})
    t.send(heron, "declare-sms")
    t.refused(heron, "file-notice", notice("2027-03-10", "2027-03-12"), "notice_too_late")
    t.send(heron, "file-notice", notice("2027-03-15", "2027-03-17"))
    t.state(heron, "NoticeFiled", notice_answer="2027-03-08", audit_start="2027-03-15", audit_submission="2027-05-01")
    t.send(heron, "accept-notice", by=t.staff)
    t.send(tide, "declare-sms")
    t.send(tide, "file-notice", notice("2027-03-20", "2027-03-22"))
    t.send(tide, "accept-notice", by=t.staff)

    t.day("2027-03-10")
    t.send(larch, "record-training", {"course": course(t), "completed_on": "2027-03-09"}, by=t.staff)

    t.day("2027-03-24")
    t.send(heron, "submit-audit", audit(t, heron, "2027-03-15", "2027-03-17"))
    t.state(heron, "AuditSubmitted", qa_decision="2027-04-21")
    t.send(tide, "submit-audit", audit(t, tide, "2027-03-20", "2027-03-22", training=4))
    for employer in (heron, tide):
        t.send(employer, "assign-reviewer", {"reviewer": t.reviewer_id}, by=t.staff)

    t.day("2027-03-31")
    t.send(heron, "decide-qa", by=t.reviewer)
    t.state(heron, "QAPassed", forwarding="2027-04-14")
    t.send(tide, "decide-qa", by=t.reviewer)  # 4 of 10 in one element, though 83 % overall
    t.state(tide, "QAFailed", new_notice="2027-09-27")
    t.expect("the elements that failed", tide.case["qa"]["failed_elements"], ["training"])

    t.day("2027-04-07")
    t.send(heron, "forward-to-worksafebc", by=t.staff)

    t.day("2027-04-14")
    t.send(
        heron, "record-certificate", {"certificate_number": "SECOR-1001", "issued_on": "2027-04-14"}, by=t.integration
    )
    t.state(heron, "Certified", certificate_expiry="2030-04-14")
    t.expect("Blue Heron's incentive estimate", heron.case["incentive_estimate"]["amount"], "900.00")


def setbacks(t: Teller, tide: Employer, larch: Employer) -> None:
    """The second tries again; the third loses its champion, and later the time for its audit."""
    t.day("2027-05-03")  # the second employer tries again
    t.send(tide, "file-notice", notice("2027-05-20", "2027-05-21"))
    t.send(tide, "accept-notice", by=t.staff)

    t.day("2027-05-25")
    t.send(tide, "submit-audit", audit(t, tide, "2027-05-20", "2027-05-21"))
    t.send(tide, "assign-reviewer", {"reviewer": t.reviewer_id}, by=t.staff)

    t.day("2027-06-01")  # the third loses its champion, and the training with them
    lost = {"person": person("Sky Alder", larch), "employment": "permanent", "reason": "The champion left the company."}
    t.send(larch, "replace-champion", lost)
    t.state(larch, "ChampionNamed", training="2027-08-30", student_audit=None)

    t.day("2027-06-08")
    t.send(tide, "decide-qa", by=t.reviewer)
    t.send(tide, "forward-to-worksafebc", by=t.staff)
    t.send(tide, "record-worksafebc-refusal", {"reason": "Payroll was not reported."}, by=t.integration)
    t.send(tide, "forward-to-worksafebc", by=t.staff)

    t.day("2027-07-15")
    t.send(
        tide, "record-certificate", {"certificate_number": "SECOR-1002", "issued_on": "2027-07-14"}, by=t.integration
    )
    t.state(tide, "Certified", certificate_expiry="2030-07-14")
    t.expect("Tidewater's incentive estimate", tide.case["incentive_estimate"]["amount"], "1000.00")

    t.day("2027-08-31")
    t.missed(larch, "training")
    more_time = {"deadline": "training", "due_on": "2027-11-30", "reason": "The course was full."}
    t.send(larch, "extend-deadline", more_time, by=t.staff)
    t.state(larch, "ChampionNamed", training="2027-11-30")

    t.day("2027-10-20")
    t.send(larch, "record-training", {"course": course(t), "completed_on": "2027-10-20"}, by=t.integration)
    t.state(larch, "Trained", student_audit="2028-10-20", sms="2028-04-20")

    t.day("2028-03-01")
    t.send(larch, "record-self-assessment", assessment(t))
    t.send(larch, "declare-sms")

    t.day("2028-10-21")  # silent again: the time for the student audit ran out, and the training with it
    t.state(larch, "ChampionNamed", training="2029-01-19", student_audit=None)


def recovery(t: Teller, heron: Employer, larch: Employer) -> None:
    """The third recovers, late, and is returned for corrections; three years on, all are certified."""
    t.day("2028-11-20")
    t.send(larch, "record-training", {"course": course(t), "completed_on": "2028-11-20"}, by=t.integration)
    t.send(larch, "declare-sms")
    t.send(larch, "file-notice", notice("2028-12-04", "2028-12-05"))
    t.send(larch, "accept-notice", by=t.staff)
    t.state(larch, "NoticeFiled", audit_submission="2029-01-19")

    t.day("2029-01-22")
    t.missed(larch, "audit_submission")
    t.send(larch, "submit-audit", audit(t, larch, "2028-12-04", "2028-12-05"))
    t.state(larch, "AuditSubmitted", qa_decision="2029-02-19")
    t.expect("the audit is late", larch.case["audit"]["late"], True)  # noqa: FBT003 (what is expected)
    t.send(larch, "assign-reviewer", {"reviewer": t.reviewer_id}, by=t.staff)
    t.send(larch, "return-audit", {"notes": [{"text": "Who was interviewed?", "element": "hazards"}]}, by=t.reviewer)
    t.state(larch, "AuditSubmitted", corrections="2029-02-12", qa_decision=None)

    t.day("2029-02-05")
    note = larch.case["audit"]["notes"][0]["note_id"]
    answers = {"answers": [{"note_id": note, "text": "All three guides; the notes are attached."}]}
    t.send(larch, "resubmit-audit", {**audit(t, larch, "2028-12-04", "2028-12-05", hazards=10), **answers})
    t.expect("what the second round replaced", t.replaced(larch), ["scorecard"])
    t.send(larch, "decide-qa", by=t.reviewer)
    t.send(larch, "forward-to-worksafebc", by=t.staff)

    t.day("2029-03-01")
    t.send(
        larch, "record-certificate", {"certificate_number": "SECOR-1003", "issued_on": "2029-03-01"}, by=t.integration
    )
    t.state(larch, "Certified", certificate_expiry="2032-03-01")
    t.expect("no premium, no estimate", larch.case["incentive_estimate"], None)

    t.day("2030-01-14")  # three years after they registered
    t.state(heron, "Certified", certificate_expiry="2030-04-14")
    t.post()


def _check_letters(t: Teller, heron: Employer, tide: Employer, larch: Employer) -> None:
    """Two people at each employer get the letters meant for both; the welcome goes to the one it is for."""
    t.received(heron, {"welcome": 1, "champion_welcome": 1, "gaps": 2, "notice_received": 2, "notice_accepted": 2})
    t.received(heron, {"audit_received": 2, "qa_passed": 2, "forwarded": 2, "worksafebc_package": 1})
    t.received(heron, {"certificate_issued": 2, "qa_failed": 0, "training_lapsed": 0})
    t.received(tide, {"qa_failed": 2, "qa_passed": 2, "notice_received": 4, "worksafebc_package": 2, "forwarded": 4})
    t.received(larch, {"champion_welcome": 2, "training_lapsed": 3, "audit_returned": 2, "audit_received": 4})
    t.received(larch, {"deadline_extended": 2, "certificate_issued": 2})


def registration(name: str, account: str, unit: str, headcount: float, premium: str | None) -> Json:
    employer: Json = {
        "legal_name": name,
        "worksafebc_account": account,
        "classification_units": [unit],
        "headcount": headcount,
    }
    if premium:
        employer["base_premium"] = {"amount": premium, "currency": "CAD"}
    contact = {"name": "Morgan Reed", "email": f"morgan.{account}@example.com", "phone": "604-555-0142"}
    return {"employer": employer, "contact": contact, "terms_accepted": True}


def person(name: str, employer: Employer) -> Json:
    first = name.partition(" ")[0].lower()
    return {"name": name, "email": f"{first}.{employer.case['employer']['worksafebc_account']}@example.com"}


def course(t: Teller) -> str:
    code: str = t.policy["courses"][0]["code"]
    return code


def assessment(t: Teller, gap: str | None = None) -> Json:
    codes = [element["code"] for element in t.policy["elements"]]
    return {"elements": [{"code": code, "status": "gap" if code == gap else "in_place"} for code in codes]}


def notice(starts_on: str, ends_on: str) -> Json:
    sites = [{"name": "Main site", "city": "Nelson"}]
    return {"audit_kind": "certification", "starts_on": starts_on, "ends_on": ends_on, "sites": sites}


def audit(t: Teller, employer: Employer, started_on: str, ended_on: str, **earned: int) -> Json:
    """A scorecard of 9 out of 10 everywhere, but for what is named; its two files are handed in first."""
    card = [(element["code"], earned.get(element["code"], 9), 10) for element in t.policy["elements"]]
    tool = papers.audit_tool("SECOR Audit Tool", employer.name, f"Audited from {started_on} to {ended_on}")
    there = [
        t.hand_in(employer, "audit_tool", f"audit-{started_on}.pdf", tool),
        t.hand_in(employer, "scorecard", f"scorecard-{started_on}.xlsx", papers.scorecard(card)),
    ]
    return {
        "started_on": started_on,
        "ended_on": ended_on,
        "scorecard": [{"code": code, "earned": points, "available": of} for code, points, of in card],
        "documents": [{"kind": document["kind"], "document_id": document["document_id"]} for document in there],
    }


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
