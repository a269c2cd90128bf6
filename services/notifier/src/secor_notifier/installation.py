"""This installation's own secret, from which webhook secrets and signed links are derived, each for one purpose."""

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Column, SmallInteger, Table, Text, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_notifier.ledger.engine import insert, writing
from secor_notifier.ledger.tables import metadata

THE_ONE = 1
SECRET_BYTES = 32

installation = Table(
    "installation",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("secret", Text),
    Column("fingerprint", Text, nullable=False),
)


class OtherSecretError(RuntimeError):
    """The secret is not the one with which this database began."""


@dataclass(frozen=True)
class MasterKey:
    """Never shown, never logged; what it gives for one purpose says nothing about another."""

    _key: bytes

    def derived(self, purpose: str) -> bytes:
        return hmac.digest(self._key, purpose.encode(), sha256)


async def master_key(engine: AsyncEngine, given: str) -> MasterKey:
    """The secret of the settings, or one made up at the first start and kept in the database.

    Another one than at the first start would silently break every signature and link given out, and is refused.
    """
    made_up = "" if given else secrets.token_hex(SECRET_BYTES)
    row = {"id": THE_ONE, "secret": made_up or None, "fingerprint": _fingerprint(given or made_up)}
    async with writing(engine).begin() as connection:
        await connection.execute(insert(connection, installation).values(row).on_conflict_do_nothing())
        kept = (await connection.execute(select(installation))).one()
        if given and kept.secret == given:
            # It moves out of the database, as the operator wished.
            await connection.execute(update(installation).values(secret=None))
    secret: str = given or kept.secret or ""
    if _fingerprint(secret) != kept.fingerprint:
        raise OtherSecretError(
            "NOTIFIER_SECRET is not the secret with which this database began: webhook secrets and links would break."
        )
    return MasterKey(secret.encode())


def _fingerprint(secret: str) -> str:
    return sha256(b"fingerprint/" + secret.encode()).hexdigest()
