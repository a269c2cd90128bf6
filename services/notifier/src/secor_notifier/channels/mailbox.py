"""Letters as .eml files in a folder, for a sandbox and for whoever wants to read along."""

import asyncio
import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from secor_notifier.channels.envelope import Envelope
from secor_notifier.channels.outcome import Refusal

UUID_LENGTH = 36
"""The name of a file ends in its letter's id."""


@dataclass(frozen=True)
class Mailbox:
    """Whoever looks sees a whole letter or none; a repeat replaces its own file."""

    folder: Path

    @classmethod
    def at(cls, path: str) -> Self:
        return cls(Path(path))

    async def send(self, envelope: Envelope) -> Refusal | None:
        try:
            await asyncio.to_thread(self._write, envelope.name, envelope.message.as_bytes())
        except OSError as error:
            return Refusal(f"The mailbox folder cannot be written ({type(error).__name__}).", nobody_there=True)
        return None

    async def knock(self) -> None:
        """Raises OSError if no letter could be put there."""
        await asyncio.to_thread(self._try)

    def _try(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if not os.access(self.folder, os.W_OK):
            raise PermissionError

    async def forget(self, message_ids: Collection[str]) -> None:
        """Delete the letters of these ids."""
        await asyncio.to_thread(self._delete, {message_id.strip("<>").rpartition("@")[0] for message_id in message_ids})

    def _delete(self, ids: set[str]) -> None:
        for file in self.folder.iterdir() if self.folder.is_dir() else ():
            if file.stem[-UUID_LENGTH:] in ids:
                file.unlink(missing_ok=True)

    def _write(self, name: str, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f".{name}.part"
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / f"{name}.eml")
