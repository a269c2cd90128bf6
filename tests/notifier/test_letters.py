"""Every letter says which case, what is due, by when, what happens otherwise, the next step, and whom to ask."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from pydantic import TypeAdapter

from notifier.given import CASE, CHAMPION, CONTACT, DUE, RULES
from notifier.stand_in import ELEMENTS
from secor_notifier.domain.case import Audit, CaseNow, Certificate, Champion, Employer, Money, Note, Notice
from secor_notifier.domain.event import Deadline
from secor_notifier.domain.letters import Addressee, Material, UnwritableError, Written, names, write
from secor_notifier.domain.letters.wording import sentences
from secor_notifier.domain.programme import Element, Policy
from secor_notifier.domain.recipients import Role

TODAY = DUE - timedelta(days=7)
STAFF_OWNED = {"notice_answer", "qa_decision", "forwarding", "idle"}
POLICY = Policy(
    {one.code: one for one in TypeAdapter(list[Element]).validate_python(ELEMENTS)},
    notice_lead_days=14,
    student_audit_months=12,
)
FACTS: dict[str, dict[str, object]] = {
    "gaps": {"gaps": ["hazards", "training"], "assessed": 3, "total": 8},
    "training_lapsed": {"person_id": CHAMPION, "qualified_until": "2027-01-20"},
    "notice_amended": {"starts_on": "2026-12-08", "ends_on": "2026-12-22", "lead_restarted": True},
    "notice_received": {"starts_on": "2026-12-08", "ends_on": "2026-12-22", "audit_kind": "certification"},
    "notice_to_answer": {
        "starts_on": "2026-12-08",
        "ends_on": "2026-12-22",
        "audit_kind": "certification",
        "sites": [{"name": "Main house", "city": "Tofino"}, {"name": "Annex", "city": "Ucluelet"}],
    },
    "notice_refused": {"reason_id": "reason"},
    "audit_received": {"round": 1, "late": False},
    "audit_returned": {
        "round": 1,
        "notes": [{"note_id": "n1", "element": "hazards"}, {"note_id": "n2", "element": None}],
    },
    "audit_rejected": {"reason_id": "reason"},
    "qa_passed": {"overall": {"earned": 87, "available": 100}, "failed_elements": []},
    "qa_failed": {"overall": {"earned": 7996, "available": 10000}, "failed_elements": ["hazards"]},
    "forwarded": {"forwarded_on": "2027-01-29"},
    "worksafebc_refused": {"reason_id": "reason"},
    "certificate_issued": {"certificate_number": "C-77", "issued_on": "2027-02-01", "expires_on": "2030-02-01"},
    "deadline_extended": {"deadline": "audit_submission", "previous_due_on": "2027-01-22", "reason_id": "reason"},
    "case_held": {"reason_id": "reason", "review_on": "2027-03-01"},
    "case_closed": {"reason": "business_closed"},
}
TEXTS = {"reason": "The dates overlap\nwith the closure.", "n1": "Please add the <form>.", "n2": None}
ABOUT_A_DEADLINE = {"deadline_reminder", "deadline_missed", "deadline_overdue", "deadline_extended"}


def standing(name: str = "audit_submission", due_on: date = DUE, owner: str | None = None) -> Deadline:
    owner = owner or ("staff" if name in STAFF_OWNED else "employer")
    return Deadline(name, due_on, owner, explanation=("planned end 2026-12-22", "+ 45 calendar days", "= 2027-02-05"))


CASE_NOW = CaseNow(
    case_id=CASE,
    state="NoticeFiled",
    employer=Employer("Harbour & Sons <Inn> Ltd.", "200100"),
    contact_id=CONTACT,
    champion=Champion(CHAMPION, date(2027, 6, 1)),
    notice=Notice(date(2026, 12, 8), date(2026, 12, 22)),
    audit=Audit(1, date(2027, 1, 5), notes=(Note("n1", "hazards"),)),
    certificate=Certificate("C-77", date(2027, 2, 1), date(2030, 2, 1)),
    incentive_estimate=Money(Decimal("1000.00")),
    deadlines=(standing(), standing("qa_decision"), standing("notice_answer"), standing("forwarding")),
)
MATERIAL = Material(
    case=CASE_NOW,
    addressee=Addressee(Role.CONTACT, "Ana Ng"),
    today=TODAY,
    programme=RULES.programme,
    policy=POLICY,
    staff_address="secor@go2hr.example",
    texts=TEXTS,
)


def letter(name: str, **changes: object) -> Written:
    about = standing() if name in ABOUT_A_DEADLINE else None
    material = replace(MATERIAL, fact=FACTS.get(name, {}), deadline=about)
    return write(name, replace(material, **changes))  # type: ignore[arg-type]


class Visible(HTMLParser):
    """What a reader of the page sees, and whether its tags are well nested."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.seen.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.seen).split())


def readers(name: str) -> list[Addressee]:
    if name == "worksafebc_package":
        return [Addressee(Role.WORKSAFEBC)]
    people = [Addressee(Role.CONTACT, "Ana Ng"), Addressee(Role.CHAMPION, "Bo Lee")]
    return [*people, Addressee(Role.STAFF)] if name != "champion_welcome" else people


@pytest.mark.parametrize(("name", "reader"), [(name, reader) for name in sorted(names()) for reader in readers(name)])
def test_every_letter_says_what_a_letter_must(name: str, reader: Addressee) -> None:
    written = letter(name, addressee=reader)
    page = Visible(written.html)

    for said in (" ".join(written.text.split()), page.text):
        assert "Harbour & Sons <Inn> Ltd." in said
        assert "WorkSafeBC account 200100" in said
        assert CASE in said
        assert "secor@go2hr.example" in said
        assert "next step" in said.lower()
        assert "letter" in said.split("SECOR case")[-1]
    assert page.open == []
    assert written.subject
    assert "\n" not in written.subject
    assert "None" not in written.text
    assert "{" not in written.text


@pytest.mark.parametrize("name", sorted(RULES.ladders))
@pytest.mark.parametrize("role", [Role.CONTACT, Role.STAFF])
@pytest.mark.parametrize(("kind", "days"), [("deadline_reminder", -7), ("deadline_missed", 1), ("deadline_overdue", 7)])
def test_every_deadline_has_words_for_each_reader_before_and_after(name: str, role: Role, kind: str, days: int) -> None:
    about = standing(name)
    case = replace(CASE_NOW, deadlines=(about,))
    written = letter(kind, case=case, deadline=about, addressee=Addressee(role, None), today=DUE + timedelta(days=days))
    wording = sentences()[name].employer if role is Role.CONTACT else sentences()[name].staff
    text = " ".join(written.text.split())
    spans = {"lead": "at least 14 days before", "window": "within 12 months of", "recertification_days": 60}

    for sentence in (wording.owed, wording.next, wording.late if days > 0 else wording.otherwise):
        assert sentence.format(**spans) in text
    assert "Friday, 5 February 2027" in text
    assert {-7: "in 7 days", 1: "yesterday", 7: "7 days ago"}[days] in text
    assert "planned end 2026-12-22 + 45 calendar days = 2027-02-05" in text


def test_what_people_typed_cannot_become_markup() -> None:
    page = letter("audit_returned").html

    assert "Harbour &amp; Sons &lt;Inn&gt; Ltd." in page
    assert "Please add the &lt;form&gt;." in page
    assert "<form>" not in page


def test_a_reason_stands_on_one_line_and_an_erased_note_says_so() -> None:
    assert "The reason given: The dates overlap with the closure." in " ".join(letter("notice_refused").text.split())
    assert "(This text is no longer kept.)" in letter("audit_returned").text


def test_gaps_come_with_their_resources() -> None:
    written = letter("gaps")

    assert "Hazard identification and control" in written.text
    assert '<a href="https://resources.example/hazards">' in written.html
    assert "https://resources.example/orientation" in written.text


def test_failed_elements_are_named_and_a_score_is_never_rounded_up_to_a_pass() -> None:
    text = letter("qa_failed").text

    assert "Hazard identification and control" in text
    assert "79.9 %" in text


def test_a_fail_by_the_overall_score_alone_names_no_element() -> None:
    fact = {"overall": {"earned": 70, "available": 100}, "failed_elements": []}

    assert "overall score that fell short" in letter("qa_failed", fact=fact).text


def test_the_incentive_is_called_an_estimate() -> None:
    text = " ".join(letter("certificate_issued").text.split())

    assert "$1,000.00 CAD. It is an estimate" in text
    assert "We cannot estimate it" in " ".join(
        letter("certificate_issued", case=replace(CASE_NOW, incentive_estimate=None)).text.split()
    )


def test_the_welcome_leads_to_the_manual_and_the_champion_to_the_course() -> None:
    assert RULES.programme.manual_url in letter("welcome").text
    assert RULES.programme.training_url in letter("champion_welcome").text


def test_a_miss_which_our_own_clock_has_not_seen_yet_is_not_said_to_be_ahead() -> None:
    about = replace(standing(), missed=True)
    text = " ".join(letter("deadline_missed", deadline=about, today=DUE - timedelta(days=1)).text.split())

    assert "By when: Friday, 5 February 2027 (now over)" in text


def test_staff_who_must_answer_a_notice_are_told_by_when() -> None:
    text = " ".join(letter("notice_to_answer", addressee=Addressee(Role.STAFF)).text.split())

    assert "The answer is due by Friday, 5 February 2027." in text
    assert "Site: Annex, Ucluelet" in text


def test_a_name_that_ends_in_a_full_stop_gets_no_second_one() -> None:
    assert all(".." not in letter(name, addressee=readers(name)[0]).text for name in names())


def test_a_withdrawn_case_is_not_said_to_be_closed_by_go2hr() -> None:
    assert "withdrawn by your business" in letter("case_closed", fact={"reason_id": "reason"}).html
    assert "your business has grown" in letter("case_closed", fact={"reason": "moved_to_large_cor"}).html
    assert letter("case_closed", fact={"reason": "of_the_future"}).text


def test_a_deadline_of_the_future_has_words_too() -> None:
    about = standing("of_the_future", owner="employer")

    assert sentences()["_other"].employer.next in " ".join(letter("deadline_reminder", deadline=about).text.split())


def test_a_letter_without_its_facts_says_that_it_cannot_be_written() -> None:
    with pytest.raises(UnwritableError, match=r"'certificate_issued' could not be written \(UndefinedError\)"):
        letter("certificate_issued", fact={})


def test_no_text_runs_wide() -> None:
    for name in names():
        lines = letter(name, addressee=readers(name)[0]).text.splitlines()
        assert all(len(line) <= 76 for line in lines if "http" not in line), name


def test_a_policy_that_does_not_say_how_long_leaves_the_number_out() -> None:
    written = letter("welcome", policy=Policy({}))

    assert "in good time before the audit starts" in " ".join(written.text.split())
