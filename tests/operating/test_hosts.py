"""A database's address may name several servers as PostgreSQL's own programs take them, with or without ports."""

import pytest
import sqlalchemy as sa

from secor_notifier import backup as backup_of_ledger
from secor_notifier.ledger import hosts as of_ledger
from secor_workflow.database import backup as backup_of_log
from secor_workflow.database import hosts as of_log

ASKED = {
    "one:5433,two:5434": ("one:5433", "two:5434"),
    "one,two:5434,three": ("one:5432", "two:5434", "three:5432"),
}


@pytest.mark.parametrize("hosts", ASKED)
def test_several_servers_are_asked_where_they_are(hosts: str) -> None:
    address = f"postgresql://secor:a%40b@{hosts}/secor?application_name=secor"
    for url in (of_log.hosts_in_query(address, "primary"), of_ledger.hosts_in_query(address)):
        read = sa.make_url(url)

        assert read.query == {"host": ASKED[hosts], "target_session_attrs": "primary", "application_name": "secor"}
        assert (read.password, read.database) == ("a@b", "secor")


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("postgresql:///secor?host=/var/run/postgresql", "/var/run/postgresql", "5432"),
        ("postgresql:///secor?host=/var/run/postgresql&port=5433", "/var/run/postgresql", "5433"),
        ("postgresql://one:5433/secor", "one", "5433"),
        ("postgresql:///secor?host=one:5433&host=two:5434", "one,two", "5433,5434"),
        ("postgresql:///secor?host=one,two&port=5433,5434", "one,two", "5433,5434"),
    ],
)
def test_a_backup_is_taken_where_the_service_is_connected(address: str, host: str, port: str) -> None:
    for backup in (backup_of_log, backup_of_ledger):
        told = backup.connection_of(sa.make_url(address))

        assert (told["PGHOST"], told["PGPORT"]) == (host, port)
