"""The ledger's database to begin with."""

from secor_notifier.ledger.engine import open_engine, read_url
from secor_notifier.migrations import migrate
from templates import Template


async def _migrate(url: str) -> None:
    engine = open_engine(read_url(url))
    try:
        await migrate(engine)
    finally:
        await engine.dispose()


NOTIFIER = Template("notifier", _migrate)
