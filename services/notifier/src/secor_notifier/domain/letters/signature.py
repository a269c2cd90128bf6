"""What stands around every letter: the greeting, which case it is about, and why one gets it."""

from secor_notifier.domain.letters.material import Material
from secor_notifier.domain.recipients import Role

WHY = {
    Role.CONTACT: "You get this letter because you are the contact for this case. Contact and safety champion both get "
    "what concerns the employer, so that no date hangs on one person alone.",
    Role.CHAMPION: "You get this letter because you are the safety champion on this case. Contact and safety champion "
    "both get what concerns the employer, so that no date hangs on one person alone.",
    Role.STAFF: "This letter goes to go2HR's SECOR inbox because the case needs somebody there.",
    Role.WORKSAFEBC: "This letter goes to WorkSafeBC because go2HR, as certifying partner, forwards each passed audit.",
}
GREETING = {
    Role.STAFF: "Hello colleagues,",
    Role.WORKSAFEBC: "Hello,",
}


def greeting(material: Material) -> str:
    name = " ".join((material.addressee.name or "").split())
    return GREETING.get(material.addressee.role) or (f"Hello {name}," if name else "Hello,")


def about(material: Material) -> str:
    case = material.case
    employer = case.employer
    return f"About: {employer.legal_name}, WorkSafeBC account {employer.worksafebc_account}, SECOR case {case.case_id}."


def why(material: Material) -> str:
    return WHY[material.addressee.role]
