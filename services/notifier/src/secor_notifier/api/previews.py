"""A letter as it would read for a real case; it shows people's names, so only staff and admins may look."""

from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Path, Query, Response
from pydantic import Field

from secor_notifier.api.callers import Previewer
from secor_notifier.api.documented import TEXT as A_TEXT
from secor_notifier.api.documented import documented
from secor_notifier.api.permissions import Guarded
from secor_notifier.api.problems import Problem, invalid
from secor_notifier.api.rooms import House, Rooms
from secor_notifier.api.shapes import CaseId, Strict
from secor_notifier.domain.case import CaseNow
from secor_notifier.domain.digest import dates_to_tell
from secor_notifier.domain.letters import EXAMPLE, STOPPED, UnwritableError, Written, languages, names, write_stopped
from secor_notifier.domain.recipients import EMPLOYER_ROLES, recipients
from secor_notifier.domain.reminders import Owed
from secor_notifier.domain.rules import Rules
from secor_notifier.workflow import GoneError, NotThereError

router = APIRouter(route_class=Guarded, prefix="/v1/letters", tags=["letters"])
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


class PreviewQuery(Strict):
    case_id: CaseId | None = Field(
        default=None, description="The case it is to be about; every letter but the one about a webhook needs one."
    )
    deadline: Annotated[str, Field(pattern=r"^[a-z_]{1,64}$")] | None = Field(
        default=None, description="The deadline it is to remind of; the next one if not given."
    )
    format: Literal["html", "text"] | None = Field(default=None, description="What to answer, whatever `Accept` says.")
    locale: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")] | None = Field(
        default=None,
        description="The language to write it in; the installation's if not given. `Content-Language` tells which it "
        "became: a letter that is not wholly translated is in English.",
        examples=["fr-CA"],
    )


@router.get(
    "/{letter}/preview",
    operation_id="preview_letter",
    summary="Read a letter as it would go out for a case",
    response_class=Response,
    responses={
        200: {"content": {"text/html": {"schema": A_TEXT}, "text/plain": {"schema": A_TEXT}}},
        **documented(401, 403, 404, 406, 409, 422, 503),
    },
)
async def preview(
    letter: Annotated[str, Path(description="The name of a letter, as reminders tell it.", examples=["welcome"])],
    query: Annotated[PreviewQuery, Query()],
    house: House,
    _known: Previewer,
    accept: Annotated[str, Header(include_in_schema=False)] = "*/*",  # OpenAPI tells it by the answer's media types
) -> Response:
    """HTML, or plain text if that is what `format` or else `Accept` asks for."""
    media_type = {"html": HTML, "text": TEXT}[query.format] if query.format else _media_type(accept)
    if query.locale not in {None, *languages()}:
        detail = f"There are no letters in this language; there are: {', '.join(languages())}."
        raise invalid("/locale", detail)
    if letter not in names():
        raise Problem("not_found", f"There is no such letter. There are: {', '.join(sorted(names()))}.")
    written = await _of_no_case(house) if letter == STOPPED else await _write(house, letter, query)
    return Response(
        written.text if media_type is TEXT else written.html,
        media_type=media_type,
        headers={"Cache-Control": "no-store", "Content-Language": written.locale},
    )


def _media_type(accept: str) -> str:
    accepted = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    for part in accepted:
        if part in {"text/html", "text/*", "*/*", ""}:
            return HTML
        if part == "text/plain":
            return TEXT
    raise Problem("not_acceptable", "A preview is text/html or text/plain.")


async def _of_no_case(house: Rooms) -> Written:
    """The letter about the endpoint that was disabled last; about a made-up one if none ever was."""
    notices = house.courier.notices
    endpoint = await notices.endpoints.last_disabled()
    return notices.letter(endpoint) if endpoint else write_stopped(EXAMPLE, notices.desk)


async def _write(house: Rooms, letter: str, query: PreviewQuery) -> Written:
    if query.case_id is None:
        raise invalid("/case_id", "Name the case that the letter is to be about.")
    try:
        case = await house.correspondence.reads.case(query.case_id)
    except (NotThereError, GoneError):
        raise Problem("not_found", "The workflow knows no such case.") from None
    try:
        return await _as_it_would_read(house, letter, query, case)
    except UnwritableError as error:
        raise Problem("letter_unwritable", error.reason) from error


async def _as_it_would_read(house: Rooms, letter: str, query: PreviewQuery, case: CaseNow) -> Written:
    correspondence, rules = house.correspondence, house.correspondence.rules
    if letter == rules.digest.letter:
        dates = dates_to_tell([case.watched()], rules.digest, correspondence.clock.today())
        return correspondence.write_digest(dates.named({case.case_id: case.employer.legal_name}))
    if letter == rules.together:
        together = _together(rules, case)
        return await correspondence.write_several(together, case, await _name(house, together[0]), query.locale)
    had = await house.reading.newest(case.case_id, letter)
    if had and had.decision.event_id:
        decision, fact = had.decision, had.fact
    else:
        decision, fact = _reminder(rules, letter, case, query.deadline), {}
    return await correspondence.write(decision, fact, case, await _name(house, decision), query.locale)


def _reminder(rules: Rules, letter: str, case: CaseNow, name: str | None) -> Owed:
    """A reminder of the deadline named, or of the next one for which the rules know this letter."""
    for found in _reminders(rules, case):
        if found.letter == letter and name in {None, found.deadline}:
            return found
    raise _not_yet()


def _together(rules: Rules, case: CaseNow) -> list[Owed]:
    """The reminders of every date, for whoever would get the first of them."""
    found = list(_reminders(rules, case))
    if not found:
        raise _not_yet()
    theirs = {one.deadline: one for one in found if one.recipient == found[0].recipient}
    return list(theirs.values())


def _reminders(rules: Rules, case: CaseNow) -> Iterator[Owed]:
    """All that the case's deadlines may ever call for, the next date first."""
    watch = case.watched()
    for deadline in sorted(watch.deadlines, key=lambda one: one.due_on):
        for rung in rules.ladder(deadline.name).rungs:
            for recipient in recipients(watch, rung.to, deadline.owner):
                yield Owed(
                    case_id=case.case_id,
                    letter=rung.letter,
                    recipient=recipient,
                    owed_on=deadline.due_on,
                    deadline=deadline.name,
                    due_on=deadline.due_on,
                    rung=rung.days,
                )


def _not_yet() -> Problem:
    return Problem(
        "letter_not_yet", "Nothing has happened on this case, and no deadline stands, that calls for this letter."
    )


async def _name(house: Rooms, decision: Owed) -> str | None:
    if decision.recipient.role not in EMPLOYER_ROLES:
        return None
    try:
        return (await house.correspondence.reads.person(decision.recipient.id)).name
    except (NotThereError, GoneError):
        return None
