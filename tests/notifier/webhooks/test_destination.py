"""Where a webhook may go: nowhere but to the public internet over https."""

import pytest

from secor_notifier.webhooks.destination import ForbiddenDestinationError, check_address, check_url

PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104 - an address, nothing is bound to it
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "168.63.129.16",
    "100.64.0.1",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001::1",
    "2001:db8::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_inside_somebodys_house_is_refused(address: str) -> None:
    with pytest.raises(ForbiddenDestinationError):
        check_address(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "::ffff:1.1.1.1", "2606:4700:4700::1111"])
def test_a_public_address_is_not(address: str) -> None:
    check_address(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "[::ffff:a00:1]",
        "169.254.169.254",
        "2130706433",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7f000001",
        "017700000001",
        "127.1",
        "127.0.0.1.",
        "10.0.257",
        "0",
        "[fe80::1]",
        "999.1.1.1",
        "99999999999",
    ],
)
def test_an_address_written_out_is_refused_in_whatever_way_it_is_written(host: str) -> None:
    with pytest.raises(ForbiddenDestinationError):
        check_url(f"https://{host}/hook", anywhere=False)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example",
        "//hooks.example",
        "http://hooks.example/",
        "ftp://hooks.example/",
        "file:///etc/passwd",
        "gopher://hooks.example/",
        "https://",
        "https:///path",
        "https://user:password@hooks.example/",
        "https://user@hooks.example/",
        "https://hooks.example/#part",
        "https://hooks.example:99999/",
        "https://hooks.example:x/",
        "https://hooks.exämple/",
        "https://hooks.example/a b",
        "https://hooks.example/\r\nHost: other",
        "https://hooks.example/" + "a" * 2048,
        "https://[::1",
        "https://[hooks]/",
        "https://xn--0/",
        "https://%31%32%37.0.0.1/",
        "https://hooks%0d%0a.example/",
        "https://hooks%2f.example/",
        "https://-/",
        "https://hooks.example\\@127.0.0.1/",
        "https://@127.0.0.1/",
        "https://127.0.0.1:443@hooks.example/",
        "https://[::ffff:0:127.0.0.1]/",
        f"https://{'a' * 254}/",
    ],
)
def test_what_is_no_destination_is_refused(url: str) -> None:
    with pytest.raises(ForbiddenDestinationError):
        check_url(url, anywhere=False)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example",
        "https://hooks.example:8443/a?b=c",
        "https://1.1.1.1/",
        "https://1.1.1.1?x@127.0.0.1/",
        "https://my_hooks.example./",
        "https://xn--bcher-kva.example/",
        "https://[2606:4700:4700::1111]/",
    ],
)
def test_https_to_the_outside_may_be_wished_for(url: str) -> None:
    check_url(url, anywhere=False)


def test_a_sandbox_may_post_anywhere() -> None:
    check_url("http://127.0.0.1:8080/hook", anywhere=True)
    with pytest.raises(ForbiddenDestinationError):
        check_url("ftp://127.0.0.1/", anywhere=True)
