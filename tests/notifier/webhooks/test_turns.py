"""Endpoints share one courier: who has much to be told, or answers slowly, holds up nobody."""

import threading
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from notifier.serving import Serving
from notifier.stand_in import NOTIFIER_KEY, StandIn
from notifier.webhooks.receiver import Receiver, answering
from secor_notifier.channels import open_channel
from secor_notifier.channels.envelope import Addressed
from secor_notifier.clock import Clock
from secor_notifier.domain.letters import Desk
from secor_notifier.installation import MasterKey
from secor_notifier.ledger.engine import open_engine, read_url
from secor_notifier.migrations import migrate
from secor_notifier.webhooks.courier import Courier
from secor_notifier.webhooks.deliveries import Deliveries
from secor_notifier.webhooks.endpoints import Endpoints, Wish
from secor_notifier.webhooks.knock import Knocker
from secor_notifier.webhooks.notice import StaffNotices
from secor_notifier.webhooks.policy import WebhookPolicy
from secor_notifier.webhooks.rows import Interest
from secor_notifier.workflow import Feed, WorkflowClient

POLICY = replace(WebhookPolicy.read(), turn=timedelta(seconds=0.1))


async def test_what_is_new_is_told_to_one_while_another_is_told_what_is_old(tmp_path: Path) -> None:
    engine = open_engine(read_url(f"sqlite:///{tmp_path / 'notifier.db'}"))
    await migrate(engine)
    endpoints, workflow, pause = Endpoints(engine), StandIn(), threading.Event()
    case = workflow.case(workflow.person("Ana Ng", "ana@inn.example"))
    for _ in range(30):
        workflow.tell(case, "NoteWritten")
    told: list[str] = []

    def slowly(handler: BaseHTTPRequestHandler) -> None:
        pause.wait(0.02)
        told.append("slow")
        if len(told) == 3:
            workflow.tell(case, "CaseClosed")
        answering(204)(handler)

    def at_once(handler: BaseHTTPRequestHandler) -> None:
        told.append("new")
        answering(204)(handler)

    with Receiver(slowly) as slow, Receiver(at_once) as quick, Serving(workflow.app()) as served:
        client = WorkflowClient(served.url, NOTIFIER_KEY)
        channel = open_channel(f"file:{tmp_path / 'mailbox'}")
        notices = StaffNotices(endpoints, channel, Addressed("a@b.example", "c@d.example"), POLICY, Desk("c@d.example"))
        async with Knocker(POLICY, anywhere=True) as knocker:
            for receiver, event in ((slow, "NoteWritten"), (quick, "CaseClosed")):
                wish = Wish("me", receiver.url, Interest(frozenset({event})), None)
                await endpoints.make(wish, None, 0, Clock().now(), at_most=2)
            key = MasterKey(b"key")
            await Courier(Feed(client), endpoints, Deliveries(engine), knocker, notices, POLICY, key, Clock()).round()
        await client.close()
        workflow.closing = True
    await engine.dispose()

    assert told.count("slow") == 30
    assert "new" in told[:-5]
