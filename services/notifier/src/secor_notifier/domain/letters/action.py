"""The one call to action of a letter: what to click on or where to go, and never two of them."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from secor_notifier.domain.letters.language import Language
from secor_notifier.domain.letters.material import Material


class Target(StrEnum):
    """Where a letter's next step is taken."""

    CASE = "case"
    TRAINING = "training"
    GUIDE = "guide"
    WRITE = "write"
    NONE = "none"


@dataclass(frozen=True)
class Action:
    """`label` says what happens; `where` is what a reader of plain text needs, `href` what a page links to."""

    label: str
    where: str
    href: str | None = None


def action(target: Target, material: Material, language: Language) -> Action | None:
    """Nothing when there is nothing to do."""
    say = language.says.gettext
    programme = material.programme
    match target:
        case Target.NONE:
            return None
        case Target.TRAINING:
            return _page(say("See the courses and enrol"), programme.training_url)
        case Target.GUIDE:
            return _page(say("Open the step-by-step guide"), programme.audit_guide_url)
        case Target.CASE if on_case := _on_case(material, language):
            return on_case
    return Action(say("Write to go2HR"), material.desk.address, mail_to(material))


def _on_case(material: Material, language: Language) -> Action | None:
    """The case's own page; without one, staff know where cases are, and the employer's people write."""
    say = language.says.gettext
    if material.desk.case_url:
        return _page(say("Open the SECOR case"), material.desk.case_url.replace("{case_id}", material.case.case_id))
    return None if material.addressee.of_employer else Action(say("On the SECOR case"), material.reference)


def _page(label: str, url: str) -> Action:
    return Action(label, url, url)


def mail_to(material: Material) -> str:
    """A mail whose subject names the case, so that whoever reads it at go2HR need not ask."""
    about = f"{material.employer.legal_name}, WorkSafeBC {material.employer.worksafebc_account}"
    subject = quote(f"SECOR {material.reference}: {about}", safe="")
    return f"mailto:{quote(material.desk.address, safe='@')}?subject={subject}"
