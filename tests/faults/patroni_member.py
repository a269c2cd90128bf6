"""One member of Patroni's pair: a PostgreSQL server, and the Patroni that starts it, promotes it and takes it back."""

import json
import os
import subprocess
from pathlib import Path

import httpx

from databases import OWNER, kill_all, launch, stop_all, unprivileged
from faults.waiting import PATIENCE
from feed.processes import free_port
from loopback import NO_TLS

IN_ALL = {
    "synchronous_mode": True,
    "postgresql": {"use_pg_rewind": True, "parameters": {"unix_socket_directories": ""}},
}
"""What the members agree on; times are Patroni's own: the leader's key lasts 30 s, each looks every 10 s."""


class Member:
    """It knows its ports from the start, and keeps them."""

    def __init__(self, name: str, home: Path, *, etcd: int, binaries: Path, password: str) -> None:
        self.port, api = free_port(), f"127.0.0.1:{free_port()}"
        self._name, self._home, self._password, self._api = name, home / name, password, f"http://{api}"
        self._patroni: subprocess.Popen[bytes] | None = None
        self._home.mkdir()
        settings = self._home / "patroni.json"
        settings.write_text(json.dumps(self._settings(api, etcd, binaries)))
        if account := unprivileged():
            for place in (self._home, settings):
                os.chown(place, account.pw_uid, account.pw_gid)

    def url(self, database: str) -> str:
        return f"postgresql://{OWNER}:{self._password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> "subprocess.Popen[bytes]":
        with (self._home / "log").open("ab") as log:
            self._patroni = launch("patroni", self._home / "patroni.json", home=self._home, output=log)
        return self._patroni

    def kill(self) -> None:
        """By SIGKILL, all that runs there: first Patroni, which would start its PostgreSQL again."""
        assert self._patroni is not None
        self._patroni.kill()
        self._patroni.wait()
        kill_all(self._postmaster())

    def fall_silent(self) -> None:
        """As if the machine were gone: nothing answers any more, nothing breaks; `kill` ends that."""
        assert self._patroni is not None
        stop_all(self._patroni.pid)
        stop_all(self._postmaster())

    def hand_over(self) -> None:
        """As `patronictl switchover` does; returns once the other one leads."""
        told = {"leader": self._name}
        answer = httpx.post(f"{self._api}/switchover", json=told, timeout=PATIENCE, verify=NO_TLS, trust_env=False)
        assert answer.is_success, answer.text

    def is_now(self, role: str) -> bool:
        """Whether its Patroni says that it is `primary`, or `synchronous`; a balancer would ask the same."""
        try:
            return httpx.get(f"{self._api}/{role}", verify=NO_TLS, trust_env=False).is_success
        except httpx.TransportError:
            return False

    def _postmaster(self) -> int:
        return int((self._home / "data" / "postmaster.pid").read_text().split()[0])

    def _settings(self, api: str, etcd: int, binaries: Path) -> dict[str, object]:
        account = {"username": OWNER, "password": self._password}
        here = f"127.0.0.1:{self.port}"
        return {
            "scope": "secor",
            "name": self._name,
            "restapi": {"listen": api, "connect_address": api},
            "etcd3": {"hosts": f"127.0.0.1:{etcd}"},
            "bootstrap": {"dcs": IN_ALL, "initdb": [{"encoding": "UTF8"}, {"locale": "C"}, "data-checksums"]},
            "postgresql": {
                "listen": here,
                "connect_address": here,
                "data_dir": str(self._home / "data"),
                "bin_dir": str(binaries),
                "basebackup": {"checkpoint": "fast"},
                "pgpass": str(self._home / "pgpass"),
                "authentication": {"superuser": account, "replication": account},
                "pg_hba": [f"host {which} all 127.0.0.1/32 scram-sha-256" for which in ("all", "replication")],
            },
        }
