"""An etcd of one member, in which Patroni's members agree on who leads."""

import subprocess
from pathlib import Path

from databases import launch
from feed.processes import free_port


def start_etcd(home: Path) -> tuple[int, "subprocess.Popen[bytes]"]:
    """Its port for clients, and itself; its data are in a folder of ours."""
    port, peers = free_port(), f"http://127.0.0.1:{free_port()}"
    clients = f"http://127.0.0.1:{port}"
    told = {
        "data-dir": f"{home}/etcd",
        "listen-client-urls": clients,
        "advertise-client-urls": clients,
        "listen-peer-urls": peers,
        "initial-advertise-peer-urls": peers,
        "initial-cluster": f"default={peers}",
    }
    with (home / "etcd.log").open("ab") as log:
        return port, launch("etcd", *(f"--{name}={value}" for name, value in told.items()), home=home, output=log)
