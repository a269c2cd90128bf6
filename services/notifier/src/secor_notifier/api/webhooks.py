"""Webhooks over HTTP: endpoints to make, test, stop and go on with, and their deliveries to read and repeat."""

from collections.abc import Awaitable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field

from secor_notifier.api.callers import Known, Subscriber, SubscribersList, SubscriberToIts
from secor_notifier.api.cursors import link_next, unwrap_id, unwrap_number, wrap
from secor_notifier.api.documented import documented
from secor_notifier.api.known_names import check_deadlines, check_events
from secor_notifier.api.once import OnlyOnce
from secor_notifier.api.permissions import SEE_ALL, Guarded
from secor_notifier.api.problems import Problem, invalid
from secor_notifier.api.reminders import Cursor, Limit
from secor_notifier.api.rooms import House, Rooms
from secor_notifier.api.sandbox import only_json
from secor_notifier.api.segments import THING
from secor_notifier.api.shapes import UUID, Nothing, Strict
from secor_notifier.api.webhook_shapes import (
    DeliveriesShape,
    DeliveryShape,
    EndpointShape,
    EndpointsShape,
    EndpointWithSecret,
    NewEndpoint,
)
from secor_notifier.webhooks.deliveries import WantedDeliveries
from secor_notifier.webhooks.destination import ForbiddenDestinationError, check_url
from secor_notifier.webhooks.endpoints import TooManyEndpointsError, Wish
from secor_notifier.webhooks.rows import Because, DeliveryStatus, Endpoint, Interest

router = APIRouter(
    route_class=Guarded,
    prefix="/v1/webhooks",
    tags=["webhooks"],
    responses=documented(401, 403, 422, 503),
)
PATH = f"/{{endpoint_id:{THING}}}"
SECRET = {"Cache-Control": "no-store"}
NO_SUCH = Problem("not_found", "There is no such endpoint, or it is not yours.")
EndpointId = Annotated[str, Path(pattern=UUID, description="The id of an endpoint.")]
DeliveryId = Annotated[str, Path(pattern=UUID, description="The id of a delivery: its `webhook-id`.")]
NoQuery = Annotated[Nothing, Query()]


def _owner(known: Known) -> str | None:
    return None if known.caller.role in SEE_ALL else known.caller.actor_id


async def _found(endpoint_id: EndpointId, house: House, known: SubscriberToIts) -> Endpoint:
    endpoint = await house.courier.endpoints.find(endpoint_id.lower(), _owner(known))
    if endpoint is None:
        raise NO_SUCH
    return endpoint


Mine = Annotated[Endpoint, Depends(_found)]


class EndpointsQuery(Strict):
    cursor: Cursor | None = Field(default=None, description="`next` of the page before.")
    limit: Limit = 100


class DeliveriesQuery(EndpointsQuery):
    status: DeliveryStatus | None = Field(default=None, description="Only deliveries that this became of.")


@router.post(
    "",
    operation_id="create_webhook",
    summary="Have events posted to an address",
    status_code=201,
    response_model=EndpointWithSecret,
    dependencies=[Depends(only_json)],
    responses=documented(400, 409, 413, 415),
)
async def create(  # noqa: PLR0913 - the parts of a request
    wish: NewEndpoint,
    _query: NoQuery,
    request: Request,
    response: Response,
    house: House,
    known: Subscriber,
    only_once: OnlyOnce,
) -> Response | BaseModel:
    """Tells every event from now on. The answer holds the secret that signs them; it is told this once."""
    try:
        check_url(wish.url, anywhere=house.webhooks_anywhere)
    except ForbiddenDestinationError as error:
        raise invalid("/url", str(error)) from None

    async def work() -> EndpointWithSecret:
        courier = house.courier
        await check_events(house, wish.events)
        await check_deadlines(house, "/deadlines", wish.deadlines or ())
        head = await courier.feed.head()
        interest = Interest(frozenset(wish.events), frozenset(wish.deadlines or ()))
        mine = Wish(known.caller.actor_id, wish.url, interest, wish.description)
        try:
            at, most = courier.clock.now(), courier.policy.at_most
            endpoint = await courier.endpoints.make(mine, head.cursor, head.position, at, most)
        except TooManyEndpointsError:
            raise Problem("too_many_webhooks", f"You have {most} endpoints, and may have no more.") from None
        response.status_code = 201
        response.headers["Location"] = f"{request.url.path}/{endpoint.endpoint_id}"
        return _with_secret(house, endpoint)

    response.headers.update(SECRET)
    return await only_once.answer(known, work, told_once="secret")


@router.get("", operation_id="list_webhooks", summary="List endpoints", responses=documented(400))
async def listed(
    query: Annotated[EndpointsQuery, Query()],
    request: Request,
    response: Response,
    house: House,
    known: SubscribersList,
) -> EndpointsShape:
    """In the order in which they were made: staff and admins see all, others their own."""
    after = unwrap_id(query.cursor) if query.cursor else ""
    found = await house.courier.endpoints.page(_owner(known), after, query.limit)
    items = found[: query.limit]
    cursor = wrap(items[-1].endpoint_id) if len(found) > query.limit else None
    response.headers.update(link_next(request, cursor))
    return EndpointsShape(items=[EndpointShape.of(one) for one in items], next=cursor)


@router.get(PATH, operation_id="read_webhook", summary="Read an endpoint", responses=documented(404))
async def one(endpoint: Mine, _query: NoQuery) -> EndpointShape:
    """What it wants to know, and how it has been doing."""
    return EndpointShape.of(endpoint)


@router.delete(
    PATH, operation_id="delete_webhook", summary="Remove an endpoint", status_code=204, responses=documented(404)
)
async def remove(endpoint: Mine, _query: NoQuery, house: House) -> None:
    """With all its deliveries; what has not been delivered is not."""
    await house.courier.endpoints.remove(endpoint.endpoint_id)


@router.post(
    PATH + ":disable",
    operation_id="disable_webhook",
    summary="Stop an endpoint",
    response_model=EndpointShape,
    responses=documented(400, 404, 409),
)
async def disable(
    endpoint: Mine, _query: NoQuery, house: House, known: SubscriberToIts, only_once: OnlyOnce
) -> Response | BaseModel:
    """Nothing is sent any more; its place in the log is kept."""

    async def work() -> EndpointShape:
        endpoints, now = house.courier.endpoints, house.courier.clock.now()
        return EndpointShape.of(await _still(endpoints.disable(endpoint.endpoint_id, Because.REQUESTED, now)))

    return await only_once.answer(known, work)


@router.post(
    PATH + ":enable",
    operation_id="enable_webhook",
    summary="Go on with one",
    response_model=EndpointShape,
    responses=documented(400, 404, 409),
)
async def enable(
    endpoint: Mine, _query: NoQuery, house: House, known: SubscriberToIts, only_once: OnlyOnce
) -> Response | BaseModel:
    """From where it stopped: everything that happened meanwhile is told now, oldest first."""

    async def work() -> EndpointShape:
        enabled = await _still(house.courier.endpoints.enable(endpoint.endpoint_id))
        house.pulse.wake()
        return EndpointShape.of(enabled)

    return await only_once.answer(known, work)


@router.post(
    PATH + ":rotate",
    operation_id="rotate_webhook_secret",
    summary="Change the secret",
    response_model=EndpointWithSecret,
    responses=documented(400, 404, 409),
)
async def rotate(
    endpoint: Mine, _query: NoQuery, response: Response, house: House, known: SubscriberToIts, only_once: OnlyOnce
) -> Response | BaseModel:
    """For a day both secrets sign, so that nothing is refused while you change over. The new one is told this once."""

    async def work() -> EndpointWithSecret:
        until = house.courier.clock.now() + house.courier.policy.overlap
        return _with_secret(house, await _still(house.courier.endpoints.rotate(endpoint.endpoint_id, until)))

    response.headers.update(SECRET)
    return await only_once.answer(known, work, told_once="secret")


@router.post(
    PATH + ":ping",
    operation_id="ping_webhook",
    summary="Test an endpoint",
    response_model=DeliveryShape,
    responses=documented(400, 404, 409),
)
async def ping(
    endpoint: Mine, _query: NoQuery, house: House, known: SubscriberToIts, only_once: OnlyOnce
) -> Response | BaseModel:
    """Posts an event of type `WebhookPinged` at once, to a disabled endpoint too, and tells what became of it."""

    async def work() -> DeliveryShape:
        return DeliveryShape.of(await house.courier.ping(endpoint))

    return await only_once.answer(known, work)


@router.get(
    PATH + "/deliveries",
    operation_id="list_webhook_deliveries",
    summary="List what an endpoint was or will be told",
    responses=documented(400, 404),
)
async def deliveries(
    endpoint: Mine, query: Annotated[DeliveriesQuery, Query()], request: Request, response: Response, house: House
) -> DeliveriesShape:
    """Oldest first, each with its attempts and the last answer."""
    after = unwrap_number(query.cursor) if query.cursor else 0
    wanted = WantedDeliveries(endpoint.endpoint_id, query.status, after, query.limit)
    found = await house.courier.deliveries.page(wanted)
    items = found[: query.limit]
    cursor = wrap(str(items[-1].seq)) if len(found) > query.limit else None
    response.headers.update(link_next(request, cursor))
    return DeliveriesShape(items=[DeliveryShape.of(one) for one in items], next=cursor)


@router.post(
    PATH + f"/deliveries/{{delivery_id:{THING}}}:replay",
    operation_id="replay_webhook_delivery",
    summary="Deliver again",
    response_model=DeliveryShape,
    responses=documented(400, 404, 409),
)
async def replay(
    endpoint: Mine, delivery_id: DeliveryId, _query: NoQuery, house: House, known: SubscriberToIts, only_once: OnlyOnce
) -> Response | BaseModel:
    """Under the same `webhook-id`, with all its attempts anew; to a disabled endpoint once it is enabled."""

    async def work() -> DeliveryShape:
        now = house.courier.clock.now()
        again = await house.courier.deliveries.replay(endpoint.endpoint_id, delivery_id.lower(), now)
        if again is None:
            raise Problem("not_found", "This endpoint has no such delivery.")
        house.pulse.wake()
        return DeliveryShape.of(again)

    return await only_once.answer(known, work)


async def _still(changed: Awaitable[Endpoint | None]) -> Endpoint:
    """The endpoint as it was changed, unless somebody removed it in the same moment."""
    endpoint = await changed
    if endpoint is None:
        raise NO_SUCH
    return endpoint


def _with_secret(house: Rooms, endpoint: Endpoint) -> EndpointWithSecret:
    secret = house.courier.secret(endpoint.endpoint_id, endpoint.nonces[0])
    return EndpointWithSecret.model_validate({**EndpointShape.fields_of(endpoint), "secret": secret})
