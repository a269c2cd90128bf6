"""Databases in their newest shape to begin with: migrated once and then copied, for migrating takes far longer."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from databases import PostgresServer, migrated

SQLITE = "sqlite:///"


@dataclass
class Template:
    """One service's empty database; `migrate` brings the one at an address up to date."""

    service: str
    migrate: Callable[[str], Coroutine[Any, Any, None]]

    def begin(self, url: str) -> None:
        """Put a migrated database where there is none; only a file of SQLite can be missing."""
        path = Path(url.removeprefix(SQLITE))
        if url.startswith(SQLITE) and not path.exists():
            path.write_bytes(self._sqlite_file)

    def create_database(self, server: PostgresServer) -> str:
        """Name a new, migrated database of a PostgreSQL server."""
        return server.create_database(migrated(server, self.service, self.bring_up_to_date))

    @cached_property
    def _sqlite_file(self) -> bytes:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "template.db"
            self.bring_up_to_date(f"{SQLITE}{path}")
            return path.read_bytes()

    def bring_up_to_date(self, url: str) -> None:
        """In a thread of its own, so that a test whose loop runs may ask for it too."""
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, self.migrate(url)).result()
