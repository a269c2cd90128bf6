"""Puts a file of so many bytes into a store and prints by how many bytes the process grew: `big.py URL BYTES`."""

import asyncio
import hashlib
import sys
from io import BufferedRandom
from pathlib import Path
from tempfile import TemporaryFile
from uuid import uuid4

from secor_workflow.documents.blobs import Blobs

BLOCK = bytes(range(256)) * 4096


def peak() -> int:
    """The most memory that the process had so far, in bytes."""
    status = Path("/proc/self/status").read_text("utf-8")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


async def put_and_read(blobs: Blobs, file: BufferedRandom, size: int) -> None:
    file.seek(0)
    case_id, digest = uuid4(), hashlib.file_digest(file, "sha256").hexdigest()
    await blobs.put(case_id, digest, file, size)
    assert sum([len(piece) async for piece in blobs.read(case_id, digest)]) == size


async def main(url: str, size: int) -> int:
    blobs = Blobs.open(url)
    with TemporaryFile() as small, TemporaryFile() as large:
        small.write(BLOCK)
        await put_and_read(blobs, small, len(BLOCK))
        for _ in range(size // len(BLOCK)):
            large.write(BLOCK)
        before = peak()
        await put_and_read(blobs, large, size)
    blobs.close()
    return peak() - before


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(main(sys.argv[1], int(sys.argv[2])))}\n")
