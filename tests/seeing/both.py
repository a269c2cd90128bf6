"""Both services in this process, over real HTTP: a workflow, and a notifier that follows it into a mailbox folder."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from loopback import NO_TLS
from notifier.serving import Serving
from notifier.template import NOTIFIER
from secor_notifier.main import create_app
from secor_notifier.settings import Settings
from workflow.api.service import Service


@dataclass(frozen=True)
class Both:
    workflow: Service
    notifier_url: str

    def catch_up(self) -> None:
        """The notifier has read, decided and sent all that is due."""
        wish = {"advance": "PT0S"}
        self._ask("PUT", "/v1/sandbox/clock", json=wish, headers=self._admin).raise_for_status()

    def metrics(self) -> tuple[str, str]:
        """Of the workflow and of the notifier."""
        return self.workflow.nobody.get("/metrics").text, self._ask("GET", "/metrics").text

    @property
    def _admin(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.workflow.admin.key}"}

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401 (as the library takes it)
        return httpx.request(method, self.notifier_url + path, verify=NO_TLS, timeout=30, **more)


@contextmanager
def both(home: Path, **settings: str) -> Iterator[Both]:
    """They run until the end of the block; what they still have to send is sent then."""
    with ExitStack() as stack:
        workflow = stack.enter_context(Service(f"sqlite:///{home / 'workflow.db'}", **settings))
        database = f"sqlite:///{home / 'notifier.db'}"
        NOTIFIER.begin(database)
        notifier = create_app(
            Settings(
                home=home,
                sandbox=True,
                database_url=database,
                workflow_url=workflow.url,
                workflow_key=SecretStr(workflow.notifier.key or ""),
                tick_seconds=0.1,
                poll_seconds=0,
                **settings,
            )
        )
        yield Both(workflow, stack.enter_context(Serving(notifier)).url)
