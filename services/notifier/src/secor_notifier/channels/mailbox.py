"""Letters as .eml files in a folder, for a sandbox and for whoever wants to read along."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from secor_notifier.channels.envelope import Envelope
from secor_notifier.channels.outcome import Refusal


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

    def _write(self, name: str, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f".{name}.part"
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / f"{name}.eml")
