"""The nginx of `deploy/proxy/nginx.conf`, for real: its file as it stands, but for ports, certificates and folders."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from feed.processes import eventually, free_port

CONF = Path(__file__).parents[2] / "deploy/proxy/nginx.conf"
FOUND = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
FOLDERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@contextmanager
def nginx(home: Path, ports: Sequence[int]) -> Iterator[str]:
    """Where it passes requests on to the workflows at these ports, while it runs."""
    assert FOUND is not None
    port = free_port()
    (home / "nginx.conf").write_text(_whole(home, _here(CONF.read_text("utf-8"), home, port, ports)), "utf-8")
    command = [FOUND, "-p", str(home), "-c", str(home / "nginx.conf"), "-e", str(home / "nginx.log")]
    with (home / "nginx.said").open("wb") as said:
        running = subprocess.Popen(command, stderr=said)
    try:
        eventually(lambda: (home / "nginx.pid").exists() or running.poll() is not None)
        assert running.poll() is None, (home / "nginx.said").read_text("utf-8")
        yield f"http://127.0.0.1:{port}"
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(10)


def _here(conf: str, home: Path, port: int, ports: Sequence[int]) -> str:
    """The example for this machine: the workflow at this port, without TLS, and its processes."""
    members = "\n".join(f"    server 127.0.0.1:{one} max_fails=0;" for one in ports)
    plain = re.sub(r"^ +ssl_.*\n", "", conf, flags=re.MULTILINE).replace("listen 443 ssl;", "listen 80;")
    listens = iter((free_port(), port, free_port()))
    named = re.sub(r"listen 80;", lambda _: f"listen 127.0.0.1:{next(listens)};", plain)
    return named.replace("    server 127.0.0.1:8000 max_fails=0;", members).replace("/var/log/nginx", str(home))


def _whole(home: Path, conf: str) -> str:
    """All that nginx is told, to run as we do, in a folder of ours and in the foreground."""
    folders = "".join(f"{name}_temp_path {home}/{name};\n" for name in FOLDERS)
    user = "user root root;\n" if os.geteuid() == 0 else ""
    return (
        f"{user}daemon off;\nworker_processes 1;\npid {home}/nginx.pid;\n"
        f"events {{ worker_connections 512; }}\nhttp {{\n{folders}{conf}}}\n"
    )
