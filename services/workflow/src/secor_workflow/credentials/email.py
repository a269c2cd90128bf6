"""An e-mail address as a digest: enough to tell whether two people are one, and nothing to write to."""

import hashlib


def digest_of(email: str) -> str:
    """The SHA-256 of an address, in hex; upper and lower case are one."""
    return hashlib.sha256(email.strip().casefold().encode("utf-8", "surrogatepass")).hexdigest()
