"""Where a webhook may go: the public internet over https, and no address inside anybody's house."""

import re
import socket
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx

# IANA's registry of special addresses, written out: what Python counts as global differs between its versions.
NOT_PUBLIC_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # public by its number, but one cloud's way to its own control plane
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
ONLY_PUBLIC_V6 = IPv6Network("2000::/3")
# Within it: protocols' own, examples, and IPv4 addresses in disguise, which a gateway on the way might unveil.
NOT_PUBLIC_V6 = tuple(
    IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)
HOST_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?")
NUMERIC = re.compile(r"(0[xX][0-9a-fA-F]*|[0-9]+)(\.(0[xX][0-9a-fA-F]*|[0-9]+)){0,3}\.?")
LONGEST = 2048
LAST_PORT = 65535


class ForbiddenDestinationError(Exception):
    """A sentence about why nothing is sent there; it names no address."""


def check_address(address: str) -> None:
    """Refuse an IP address which is not on the public internet."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if isinstance(ip, IPv6Address):
        forbidden = ip not in ONLY_PUBLIC_V6 or any(ip in network for network in NOT_PUBLIC_V6)
    else:
        forbidden = any(ip in network for network in NOT_PUBLIC_V4)
    if forbidden:
        raise ForbiddenDestinationError("The address is not on the public internet.")


def check_url(text: str, *, anywhere: bool) -> None:
    """Refuse a URL that can never be a destination; what a name stands for is seen at each connection."""
    if len(text) > LONGEST or not (text.isascii() and text.isprintable()) or " " in text:
        raise ForbiddenDestinationError(f"A URL is printable ASCII without blanks, {LONGEST} characters at most.")
    try:
        url = httpx.URL(text)
        host = url.host
    except (httpx.InvalidURL, ValueError):
        raise ForbiddenDestinationError("This is no URL.") from None
    if url.scheme not in ({"https", "http"} if anywhere else {"https"}):
        raise ForbiddenDestinationError("Webhooks go to https:// addresses.")
    if not host or url.userinfo or url.fragment:
        raise ForbiddenDestinationError("Give a URL with a host, without a user, a password or a fragment.")
    if url.port is not None and not 0 < url.port <= LAST_PORT:
        raise ForbiddenDestinationError("There is no such port.")
    if ":" not in host and not HOST_NAME.fullmatch(url.raw_host.decode("ascii")):
        raise ForbiddenDestinationError("The host is neither a name nor an address.")
    if not anywhere:
        _check_literal(host)


def _check_literal(host: str) -> None:
    """An address written out is judged at once, in whichever of the ways that resolvers understand."""
    if NUMERIC.fullmatch(host):
        try:
            check_address(socket.inet_ntoa(socket.inet_aton(host.rstrip("."))))
        except OSError:
            raise ForbiddenDestinationError("The host is neither a name nor an address.") from None
        return
    if ":" in host:
        try:
            check_address(host)
        except ValueError:
            raise ForbiddenDestinationError("The host is neither a name nor an address.") from None
