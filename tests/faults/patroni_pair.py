"""Two PostgreSQL servers under Patroni, on an etcd of their own: who is primary they settle without us."""

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from databases import OWNER, installations, launch, unprivileged
from faults.etcd import start_etcd
from faults.failover_pair import say
from faults.patroni_member import Member
from faults.waiting import PATIENCE
from workflow.template import WORKFLOW

NAME = "secor"
WATCHMAN = """
home=$(pwd -P); cd /; read -r _; found=some
while [ "$found" ]; do
    found=
    for process in /proc/[0-9]*; do
        case $(readlink "$process/cwd") in
            "$home" | "$home"/*) kill -KILL "${process#/proc/}" && found=some ;;
        esac
    done
done
rm -rf "$home"
"""
"""At the end, ours or the test's, it ends whoever works in the folder: PostgreSQL is no child of ours."""


def missing() -> list[str]:
    """The programs that a pair needs and that are not here."""
    servers = [] if installations() else ["postgres"]
    return [*servers, *(program for program in ("patroni", "etcd") if shutil.which(program) is None)]


class PatroniPair:
    """`with PatroniPair() as pair:` and the standby has all that the primary has; `pair.url` names both."""

    primary: Member
    standby: Member

    def __enter__(self) -> Self:
        self._home = Path(tempfile.mkdtemp(prefix="secor-patroni-"))
        if account := unprivileged():
            os.chown(self._home, account.pw_uid, account.pw_gid)
        self._killed = ExitStack()
        self._watchman = launch("/bin/sh", "-c", WATCHMAN, home=self._home, stdin=subprocess.PIPE)
        try:
            self._begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._watchman.communicate()
        self._killed.close()

    @property
    def url(self) -> str:
        one, two = sorted((self.primary, self.standby), key=lambda member: member.port)
        return one.url(NAME).replace(f"127.0.0.1:{one.port}", f"127.0.0.1:{one.port},127.0.0.1:{two.port}")

    def fail_over(self) -> None:
        """The primary is killed with its Patroni: they change places by themselves."""
        self.primary.kill()
        self._change_places()

    def fall_silent(self) -> None:
        """The primary and its Patroni answer no more, and nobody's connection breaks."""
        self.primary.fall_silent()
        self._change_places()

    def is_led(self) -> None:
        """Wait until the other one leads: what was on its way before does not count."""
        _until(lambda: self.primary.is_now("primary"))

    def end_silence(self) -> None:
        """Who fell silent is killed, as when its machine begins anew."""
        self.standby.kill()

    def switch_over(self) -> None:
        """The primary hands over, as before its machine is maintained."""
        self.primary.hand_over()
        self._change_places()

    def mend(self) -> None:
        """Patroni is started where it was killed, nothing else."""
        self._start(self.standby)
        self.settle()

    def settle(self) -> None:
        """Wait until the standby has all that the primary has, and Patroni would promote it."""
        _until(lambda: self.standby.is_now("synchronous"))

    def _change_places(self) -> None:
        self.primary, self.standby = self.standby, self.primary

    def _begin(self) -> None:
        etcd, running = start_etcd(self._home)
        self._killed.callback(running.wait)
        binaries, password = installations()[0], secrets.token_hex(8)
        self.primary, self.standby = (
            Member(name, self._home, etcd=etcd, binaries=binaries, password=password) for name in ("one", "two")
        )
        self._start(self.primary)
        _until(lambda: self.primary.is_now("primary"))
        say(self.primary, f"CREATE DATABASE {NAME} OWNER {OWNER}")
        WORKFLOW.bring_up_to_date(self.primary.url(NAME))
        self.mend()

    def _start(self, member: Member) -> None:
        self._killed.callback(member.start().wait)


def _until(question: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not question():
        assert time.monotonic() < until, "Patroni did not settle who is primary"
        time.sleep(0.1)
