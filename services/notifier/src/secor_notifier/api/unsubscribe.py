"""The page behind the unsubscribe link of a letter; mail programs press its button by themselves (RFC 8058)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import HTMLResponse

from secor_notifier.api.documented import TEXT, documented
from secor_notifier.api.permissions import Guarded, public
from secor_notifier.api.problems import Problem
from secor_notifier.api.rooms import House, Rooms
from secor_notifier.api.shapes import Nothing
from secor_notifier.way_out import Leaving

router = APIRouter(
    route_class=Guarded,
    tags=["unsubscribe"],
    dependencies=[Depends(public("Its address is the secret, signed for one person: who gets letters has no key."))],
    responses=documented(404, 422),
)
AT = "/unsubscribe/{token}"
BY = "the person, by the link in a letter"
HTML: dict[int | str, dict[str, object]] = {200: {"content": {"text/html": {"schema": TEXT}}}}
ONLY_ITS_OWN_FORM = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": ONLY_ITS_OWN_FORM,
}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
  body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem; }}
  button {{ font: inherit; padding: .6rem 1.2rem; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{text}
</main>
</body>
</html>
"""
ASK = """<p>You would get no more reminders of the dates of your SECOR case. Letters about decisions and about what was
filed would still reach you, and dates that must be kept would be told to the other person on the case and to go2HR.</p>
<form method="post"><button>Send me no more reminders</button></form>
"""
DONE = """<p>You will get no more reminders of the dates of your SECOR case. The dates themselves stand. If you want the
reminders back, answer any letter of go2HR's.</p>
"""
Token = Annotated[str, Path(description="Names a person and a kind of letter, signed.", examples=["cmVt.c2ln"])]
NoQuery = Annotated[Nothing, Query()]


@router.get(
    AT, operation_id="ask_unsubscribe", summary="Ask before unsubscribing", response_class=Response, responses=HTML
)
async def ask(token: Token, _query: NoQuery, house: House) -> Response:
    """A page with one button; looking at it changes nothing, since programs look at links before people do."""
    _leaving(house, token)
    return HTMLResponse(PAGE.format(title="No more reminders?", text=ASK), headers=HEADERS)


@router.post(
    AT,
    operation_id="unsubscribe",
    summary="Want no more reminders",
    response_class=Response,
    responses={**HTML, **documented(413, 503)},
)
async def unsubscribe(token: Token, _query: NoQuery, house: House) -> Response:
    """One click, as RFC 8058 wants it: no key, no cookie, no redirect. The same wish twice is one."""
    leaving = _leaving(house, token)
    await house.wishes.opt_out(leaving.person_id, BY, house.correspondence.clock.now())
    return HTMLResponse(PAGE.format(title="No more reminders", text=DONE), headers=HEADERS)


def _leaving(house: Rooms, token: str) -> Leaving:
    leaving = house.way_out.read(token)
    if leaving is None:
        raise Problem("not_found", "This link is not one of ours, or a part of it was lost on the way.")
    return leaving
