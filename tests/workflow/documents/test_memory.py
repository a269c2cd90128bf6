"""However large a document is, it passes through little memory: no more than two parts of it at once."""

import subprocess
import sys
from pathlib import Path

from secor_workflow.documents.blobs import PART

SIZE = 50 * 1024 * 1024


def test_fifty_megabytes_are_put_and_read_in_little_memory(store: str) -> None:
    script = Path(__file__).with_name("big.py")
    done = subprocess.run([sys.executable, str(script), store, str(SIZE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 2 * PART
