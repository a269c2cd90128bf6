"""A PostgreSQL primary and a standby that follows it by streaming replication, each a real server of its own."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Protocol, Self

import asyncpg

from databases import PostgresServer
from workflow.template import WORKFLOW

PATIENCE = 20.0


class Pair:
    """`with Pair() as pair:` and the standby has all that the primary has; `pair.url` leads to whichever is primary."""

    def __init__(self, *, synchronous: bool = True) -> None:
        self._synchronous = synchronous
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.primary = self._stack.enter_context(PostgresServer())
        self.name = WORKFLOW.create_database(self.primary)
        self.standby = self._stack.enter_context(PostgresServer(standby_of=self.primary))
        self._follow()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def url(self) -> str:
        servers = sorted((self.primary, self.standby), key=lambda server: server.port)
        hosts = ",".join(f"127.0.0.1:{server.port}" for server in servers)
        return self.primary.url(self.name).replace(f"127.0.0.1:{self.primary.port}", hosts)

    def fail_over(self) -> None:
        """The primary is killed, the standby promoted: they have changed places."""
        self.primary.kill()
        self._take_over()

    def fall_silent(self) -> None:
        """The primary answers no more, and nobody's connection to it breaks; the standby is promoted."""
        self.primary.fall_silent()
        self._take_over()

    def mend(self) -> None:
        """Who was killed becomes the standby of who took over."""
        self.standby.begin_anew(self.primary)
        self._follow()

    def _take_over(self) -> None:
        say(self.standby, "SELECT pg_promote()")
        self.primary, self.standby = self.standby, self.primary

    def _follow(self) -> None:
        if self._synchronous:
            say(self.primary, "ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
            self.until(self.primary, "SELECT sync_state FROM pg_stat_replication", "sync")

    def cut(self) -> None:
        """The standby is told nothing more: it stays behind."""
        say(self.standby, "ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()")
        self.until(self.standby, "SELECT count(*) FROM pg_stat_wal_receiver", 0)

    def catch_up(self) -> None:
        """Wait until the standby shows all that the primary has."""
        end = say(self.primary, "SELECT pg_current_wal_lsn()::text")
        self.until(self.standby, f"SELECT pg_last_wal_replay_lsn() >= '{end}'", wanted=True)

    def until(self, server: PostgresServer, question: str, wanted: object) -> None:
        until = time.monotonic() + PATIENCE
        while say(server, question) != wanted:
            assert time.monotonic() < until, f"{question} did not become {wanted!r}"
            time.sleep(0.01)


class Server(Protocol):
    """Whatever has an address for each of its databases."""

    def url(self, database: str) -> str: ...


def say(server: Server, *statements: str, database: str = "postgres") -> object:
    """Say something to one server as its owner; the last statement's one value."""

    async def answer() -> object:
        connection = await asyncpg.connect(server.url(database))
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return await connection.fetchval(statements[-1])
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as thread:  # a test whose loop runs may ask too
        return thread.submit(asyncio.run, answer()).result()
