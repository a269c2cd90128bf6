"""A service that has ended leaves nothing of itself in memory, whatever it was asked."""

import gc
import weakref
from pathlib import Path

import httpx

from loopback import NO_TLS
from workflow.api.service import settings_for
from workflow.api.serving import Serving


def test_nothing_is_kept_of_a_service_that_ended(tmp_path: Path) -> None:
    settings = settings_for(f"sqlite:///{tmp_path / 'workflow.db'}", documents_url=(tmp_path / "documents").as_uri())
    with Serving(settings) as served, httpx.Client(base_url=served.url, timeout=30, verify=NO_TLS) as client:
        statuses = [client.get(path).status_code for path in ("/docs", "/openapi.json", "/livez", "/v1/cases")]
        app = weakref.ref(served.app)
    del served
    gc.collect()

    assert statuses == [200, 200, 200, 401]
    assert app() is None
