"""Makes the passwords of a composed system once, as files in the volumes of those who need them; or takes one from you.

`docker compose run --rm -T prepare notifier/NOTIFIER_MAIL_URL < file` puts a secret of yours in place of the one there.
"""

import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path("/secrets")
SERVICES_USER = 10001


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
    return made


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
    for made in prepare(ROOT):
        print(f"made {made}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
