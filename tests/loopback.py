"""What clients of services on this machine are told about TLS: there is none, so they need not read a trust store."""

import ssl

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody, and is made at once. httpx would read the authorities of the world anew for each client: 50 ms."""
