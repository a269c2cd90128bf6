"""What a database's own files hold, byte for byte."""

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from databases import PostgresServer
from secor_workflow.log.log import Log


async def holds(log: Log, *needles: str, server: PostgresServer | None = None) -> set[str]:
    """Which of the texts stand anywhere in the data files, the write-ahead log of PostgreSQL apart."""
    if server is None:
        files = _sqlite_files(log)
    else:
        async with log.engine.connect() as connection:
            outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await outside.exec_driver_sql("CHECKPOINT")
            oid = await connection.scalar(sa.text("SELECT oid FROM pg_database WHERE datname = current_database()"))
        files = (path for path in (server.home / "data" / "base" / str(oid)).iterdir() if path.is_file())
    found: set[str] = set()
    for path in files:
        content = path.read_bytes()
        found |= {needle for needle in needles if needle.encode() in content}
    return found


def _sqlite_files(log: Log) -> Iterator[Path]:
    assert log.engine.url.database
    database = Path(log.engine.url.database)
    yield from database.parent.glob(f"{database.name}*")
