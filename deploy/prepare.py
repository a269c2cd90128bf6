"""Makes the passwords of a composed system once, as files in the volumes of those who need them; or takes one from you.

If documents are to lie in a bucket of this machine (deploy/compose.bucket.yml), it readies the bucket's disk too.

`docker compose run --rm -T prepare notifier/NOTIFIER_MAIL_URL < file` puts a secret of yours in place of the one there.
"""

import fcntl
import os
import secrets
import struct
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path("/secrets")
BUCKET = Path("/bucket")
SERVICES_USER = 10001
GET_FLAGS, SET_FLAGS, SYNC = 0x80086601, 0x40086602, 0x8
"""FS_IOC_GETFLAGS, FS_IOC_SETFLAGS and FS_SYNC_FL of <linux/fs.h>, on 64 bits."""


def prepare(root: Path) -> list[str]:
    """Every secret that is not there yet; what is there stays. The names of those that were made."""
    made: list[str] = []

    def once(place: str, value: Callable[[], str]) -> str:
        file = root / place
        if not file.exists():
            put(file, value())
            made.append(place)
        return file.read_text("utf-8")

    once("database/superuser_password", secrets.token_urlsafe)
    for folder, variable, role, database in (
        ("owner", "WORKFLOW_DATABASE_URL", "workflow_owner", "workflow"),
        ("workflow", "WORKFLOW_DATABASE_URL", "workflow", "workflow"),
        ("notifier", "NOTIFIER_DATABASE_URL", "notifier", "notifier"),
    ):
        password = once(f"database/{role}_password", secrets.token_urlsafe)
        once(f"{folder}/{variable}", lambda r=role, p=password, d=database: f"postgresql://{r}:{p}@database/{d}")  # type: ignore[misc]  # bound now
    once("notifier/NOTIFIER_SECRET", secrets.token_urlsafe)
    once("notifier/NOTIFIER_MAIL_URL", lambda: "smtp://mail:1025")
    once("grafana/password", secrets.token_urlsafe)
    if (root / "bucket").is_dir():
        for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            put(root / "bucket" / variable, once(f"workflow/{variable}", secrets.token_urlsafe))
    return made


def write_through(folder: Path) -> bool:
    """Have whatever is made in a folder on the disk before a write returns. False if the disk's format cannot.

    The bucket's server does not wait for the disk, and the workflow's log must not speak of bytes that a power cut can
    still take away. What is made below inherits this.
    """
    opened = os.open(folder, os.O_RDONLY)
    try:
        (flags,) = struct.unpack_from("=I", fcntl.ioctl(opened, GET_FLAGS, bytes(8)))
        if not flags & SYNC:
            fcntl.ioctl(opened, SET_FLAGS, struct.pack("=I4x", flags | SYNC))
    except OSError:
        return False
    finally:
        os.close(opened)
    return True


def put(file: Path, value: str) -> None:
    """Whole or not at all. Whoever is in a container may read it: a volume is mounted where it is needed alone."""
    half = file.with_name(f".{file.name}.new")
    half.write_text(value, "utf-8")
    half.chmod(0o444)
    half.replace(file)


def main(wanted: list[str]) -> int:
    """Without a name: prepare everything. With one: standard input becomes that secret."""
    if wanted:
        place = ROOT / wanted[0]
        if place.parent.parent != ROOT or not place.parent.is_dir():
            print(f"{wanted[0]}: a secret is named by folder and variable, such as notifier/NOTIFIER_MAIL_URL")
            return 2
        put(place, sys.stdin.read().strip())
        print(f"{wanted[0]} is in place; restart who reads it.")
        return 0
    for folder in (ROOT / "operator", ROOT / "notifier"):  # `keys` writes here, as the services' user
        if folder.stat().st_uid != SERVICES_USER:
            folder.chmod(0o775)
            os.chown(folder, SERVICES_USER, 0)
    if BUCKET.is_dir():
        if not write_through(BUCKET):
            print("the bucket's disk does not write through: a power cut may take documents of its last minute")
        if BUCKET.stat().st_uid != SERVICES_USER:
            os.chown(BUCKET, SERVICES_USER, SERVICES_USER)
    for made in prepare(ROOT):
        print(f"made {made}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
