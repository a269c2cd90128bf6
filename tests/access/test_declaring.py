"""A service does not start with a route that does not say who may use it."""

from types import ModuleType
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from starlette.routing import Mount

import secor_notifier.api.callers as notifier_callers
import secor_notifier.api.permissions as notifier
import secor_workflow.api.access as workflow_access
import secor_workflow.api.permissions as workflow

services = pytest.mark.parametrize(
    ("permissions", "anybody", "staff"),
    [
        (workflow, workflow_access.AnyCaller, workflow_access.Admin),
        (notifier, notifier_callers.Reader, notifier_callers.Editor),
    ],
    ids=["workflow", "notifier"],
)


@services
def test_a_route_that_declares_nothing_is_refused(permissions: ModuleType, anybody: object, staff: object) -> None:
    with pytest.raises(permissions.UndeclaredRouteError, match="/v1/new declares no permission"):
        tuple(permissions.access(_app("/v1/new")))


@services
def test_a_route_that_declares_two_things_is_refused(permissions: ModuleType, anybody: object, staff: object) -> None:
    with pytest.raises(permissions.UndeclaredRouteError, match="/v1/new declares more than one"):
        tuple(permissions.access(_app("/v1/new", anybody, staff)))


@services
def test_a_route_of_a_case_lets_an_employer_reach_its_own_alone(
    permissions: ModuleType, anybody: object, staff: object
) -> None:
    with pytest.raises(permissions.UndeclaredRouteError, match="its own alone"):
        tuple(permissions.access(_app("/v1/cases/{case_id}/new", anybody)))

    (line,) = permissions.access(_app("/v1/cases/{case_id}/new", staff))
    assert line.cells["employer"] == ("403", "403")


@services
def test_a_public_route_says_why(permissions: ModuleType, anybody: object, staff: object) -> None:
    (line,) = permissions.access(_app("/new", Annotated[None, Depends(permissions.public("For all."))]))

    assert line.permission.public == "For all."
    assert {*line.cells.values()} == {("yes", "yes")}


@services
def test_what_is_no_route_of_ours_is_refused(permissions: ModuleType, anybody: object, staff: object) -> None:
    app = _app("/new", staff)
    app.router.routes.append(Mount("/files", routes=[]))

    with pytest.raises(permissions.UndeclaredRouteError, match="/files"):
        tuple(permissions.access(app))


def _app(path: str, *declared: Any) -> FastAPI:  # noqa: ANN401 (annotations)
    """An application with one route, which depends on these."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    dependencies = [annotated.__metadata__[0] for annotated in declared]

    async def new() -> None:
        pass

    app.add_api_route(path, new, dependencies=dependencies)
    return app
