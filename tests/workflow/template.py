"""The workflow's database to begin with."""

from secor_workflow.database.engine import open_engine
from secor_workflow.database.migrate import migrate
from templates import Template


async def _migrate(url: str) -> None:
    engine = open_engine(url)
    try:
        await migrate(engine)
    finally:
        await engine.dispose()


WORKFLOW = Template("workflow", _migrate)
