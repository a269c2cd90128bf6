"""A small server that speaks ClamAV's protocol over TCP: PING, and INSTREAM as `clamd` documents it."""

import asyncio
import struct
from types import TracebackType
from typing import Self

EICAR_LIKE = b"this is what the tests call a virus"


class Clamd:
    """`async with Clamd() as clamd:` answers at `clamd.address`; `mood` says how it behaves."""

    def __init__(self) -> None:
        self.mood = "well"
        self.scanned: list[bytes] = []
        self._stuck = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        self.address = f"{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.leave()

    async def leave(self) -> None:
        self._stuck.set()
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = await self._answer(reader)
            writer.write(answer)
            await writer.drain()
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        command = await reader.readline()
        if self.mood == "slow":
            await self._stuck.wait()
            return b""
        if command == b"nPING\n":
            return b"PONG\n"
        assert command == b"nINSTREAM\n", command
        if self.mood == "full":  # more came than StreamMaxLength
            return b"INSTREAM size limit exceeded. ERROR\n"
        content = b""
        while size := struct.unpack("!L", await reader.readexactly(4))[0]:
            content += await reader.readexactly(size)
        self.scanned.append(content)
        if self.mood == "silent":
            return b""
        return b"stream: Tests.Virus FOUND\n" if EICAR_LIKE in content else b"stream: OK\n"
