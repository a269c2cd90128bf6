"""The programme's from → to table, written by hand: which roads there are, and who may take them."""

from dataclasses import dataclass

STATES = (
    "Registered", "ChampionNamed", "Trained", "SMSDeveloped", "NoticeFiled", "AuditSubmitted", "QAPassed", "QAFailed",
    "Certified", "Closed",
)  # fmt: skip
OPEN = STATES[:-1]
AFTER_THE_AUDIT = ("AuditSubmitted", "QAPassed", "QAFailed", "Certified")
ROLES = ("employer", "staff", "qa_reviewer", "integration", "reader", "admin", "notifier", "clock")


@dataclass(frozen=True)
class Row:
    """One command: to where from each state, and for whom."""

    roads: dict[str, tuple[str, ...]]
    roles: tuple[str, ...]
    events: tuple[str, ...]


def _row(who: str, event: str, *roads: tuple[tuple[str, ...], tuple[str, ...] | None]) -> Row:
    to = {source: targets or (source,) for sources, targets in roads for source in sources}
    return Row(roads=to, roles=tuple(who.split()), events=tuple(event.split()))


def _from(*states: str, to: str | tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return states, (to,) if isinstance(to, str) else to


def _inside(*states: str) -> tuple[tuple[str, ...], None]:
    return states, None


TABLE: dict[str, Row] = {
    "register-employer": _row(
        "employer staff integration", "EmployerRegistered", _from("Unregistered", to="Registered")
    ),
    "update-employer": _row("employer staff", "EmployerUpdated", _inside(*OPEN)),
    "name-champion": _row("employer staff", "ChampionNamed", _from("Registered", to="ChampionNamed")),
    "replace-champion": _row(
        "employer staff",
        "ChampionReplaced",
        _from("ChampionNamed", "Trained", "SMSDeveloped", "NoticeFiled", to="ChampionNamed"),
        _inside(*AFTER_THE_AUDIT),
    ),
    "enrol-in-training": _row(
        "employer staff integration", "TrainingBooked", _inside("ChampionNamed", *AFTER_THE_AUDIT)
    ),
    "record-training": _row(
        "staff integration", "TrainingCompleted", _from("ChampionNamed", to="Trained"), _inside(*AFTER_THE_AUDIT)
    ),
    "lapse-training": _row("clock", "TrainingLapsed", _from("Trained", "SMSDeveloped", to="ChampionNamed")),
    "record-self-assessment": _row(
        "employer staff", "SelfAssessmentRecorded", _inside("ChampionNamed", "Trained", "SMSDeveloped", "QAFailed")
    ),
    "declare-sms": _row("employer staff", "SMSDeveloped", _from("Trained", to="SMSDeveloped")),
    "file-notice": _row("employer staff", "NoticeFiled", _from("SMSDeveloped", "QAFailed", to="NoticeFiled")),
    "accept-notice": _row("staff", "NoticeAccepted", _inside("NoticeFiled")),
    "refuse-notice": _row("staff", "NoticeRefused", _from("NoticeFiled", to="SMSDeveloped")),
    "amend-notice": _row("employer staff", "NoticeAmended", _inside("NoticeFiled")),
    "cancel-notice": _row("employer staff", "NoticeCancelled", _from("NoticeFiled", to="SMSDeveloped")),
    "add-document": _row("employer staff", "DocumentAdded", _inside(*OPEN)),
    "withdraw-document": _row("employer staff", "DocumentWithdrawn", _inside(*OPEN)),
    "submit-audit": _row("employer staff", "AuditSubmitted", _from("NoticeFiled", to="AuditSubmitted")),
    "record-advice": _row("staff qa_reviewer", "AdviceRecorded", _inside(*OPEN)),
    "assign-reviewer": _row("staff", "ReviewerAssigned", _inside("AuditSubmitted")),
    "return-audit": _row("qa_reviewer", "AuditReturned", _inside("AuditSubmitted")),
    "resubmit-audit": _row("employer staff", "AuditResubmitted", _inside("AuditSubmitted")),
    "reject-audit": _row("qa_reviewer", "AuditRejected", _from("AuditSubmitted", to=("SMSDeveloped", "ChampionNamed"))),
    "decide-qa": _row("qa_reviewer", "QAPassed QAFailed", _from("AuditSubmitted", to=("QAPassed", "QAFailed"))),
    "forward-to-worksafebc": _row("staff integration", "ForwardedToWorkSafeBC", _inside("QAPassed")),
    "record-certificate": _row("staff integration", "CertificateIssued", _from("QAPassed", to="Certified")),
    "record-worksafebc-refusal": _row("staff integration", "WorkSafeBCRefused", _inside("QAPassed")),
    "record-standing": _row("staff integration", "StandingRecorded", _inside(*OPEN)),
    "place-hold": _row("staff", "CaseHeld", _inside(*OPEN)),
    "release-hold": _row("staff", "CaseReleased", _inside(*OPEN)),
    "extend-deadline": _row("staff", "DeadlineExtended", _inside(*OPEN)),
    "miss-deadline": _row("clock", "DeadlineMissed", _inside(*OPEN)),
    "erase-person": _row("admin", "PersonErased", _inside(*STATES)),
    "withdraw": _row("employer", "CaseWithdrawn", _from(*OPEN, to="Closed")),
    "close": _row("staff", "CaseClosed", _from(*OPEN, to="Closed")),
}
