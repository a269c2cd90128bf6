"""Databases by the dozen: new ones, and copies of those that nobody has open, as a backup is one."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from databases import PostgresServer
from templates import SQLITE
from workflow.template import WORKFLOW


@dataclass
class Shelf:
    """Files in a folder, or databases of a server if there is one."""

    folder: Path
    server: PostgresServer | None
    _numbers: Iterator[int] = field(default_factory=count)

    def new(self) -> str:
        """The URL of a migrated database."""
        if self.server:
            return self.server.url(WORKFLOW.create_database(self.server))
        url = self._file()
        WORKFLOW.begin(url)
        return url

    def copy_of(self, url: str) -> str:
        if self.server:
            return self.server.url(self.server.create_database(_name(url)))
        copy = self._file()
        shutil.copy(url.removeprefix(SQLITE), copy.removeprefix(SQLITE))
        return copy

    def drop(self, url: str) -> None:
        if self.server:
            self.server.drop_database(_name(url))
        else:
            Path(url.removeprefix(SQLITE)).unlink()

    def _file(self) -> str:
        return f"{SQLITE}{self.folder / f'{next(self._numbers)}.db'}"


def _name(url: str) -> str:
    return url.rpartition("/")[2]
