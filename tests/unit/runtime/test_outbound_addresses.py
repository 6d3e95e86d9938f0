"""Addresses have one parser: what it takes is normal, and what is not normal it refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.outbound.addresses import parse_address, redirected
from runtime.outbound.checking import readable_address
from runtime.outbound.errors import AddressForbidden
from runtime.outbound.networks import is_forbidden
from runtime.outbound.policy import OutboundPolicy
from tests.support.forbidden_addresses import forbidden_urls

POLICY = OutboundPolicy()
URLS = forbidden_urls(8_080)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        (" https://Example.ORG \n", "https://example.org/"),
        ("HTTP://example.org:80/a?b=c#d", "http://example.org/a?b=c"),
        ("https://example.org:443", "https://example.org/"),
        ("http://example.org:8080/", "http://example.org:8080/"),
        ("https://example.org.?q", "https://example.org/?q"),
        (
            "https://例え。jp/柱廊?四=十",
            "https://xn--r8jz45g.jp/%E6%9F%B1%E5%BB%8A?%E5%9B%9B=%E5%8D%81",
        ),
        ("https://straße.de/", "https://xn--strae-oqa.de/"),
        ('https://example.org/a"b<c>d{e}%20', "https://example.org/a%22b%3Cc%3Ed%7Be%7D%20"),
        ("https://under_score.example.org/", "https://under_score.example.org/"),
        ("https://8.8.8.8/", "https://8.8.8.8/"),
        ("https://[2606:4700::1111]:443/x", "https://[2606:4700::1111]/x"),
    ],
)
def test_an_address_has_one_form(written: str, normal: str) -> None:
    assert str(parse_address(written)) == normal
    assert str(parse_address(normal)) == normal


def test_there_are_at_least_120_forbidden_addresses() -> None:
    assert len(URLS) >= 120


@pytest.mark.parametrize("url", URLS, ids=ascii)
def test_a_forbidden_address_is_refused_before_anybody_is_asked(url: str) -> None:
    with pytest.raises(AddressForbidden):
        readable_address(url, OutboundPolicy(ports=(80, 443, 8_080)))


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "99.255.255.255", "192.0.1.1", "2606:4700::1", "64:ff9b::808:808"],
)
def test_public_addresses_are_public(address: str) -> None:
    assert not is_forbidden(address, POLICY)


@given(st.ip_addresses(v=4))
def test_a_wrapped_address_is_never_freer_than_what_it_wraps(inner: object) -> None:
    number = int(inner)  # type: ignore[call-overload]  # hypothesis types both versions
    is_inside = is_forbidden(str(inner), POLICY)
    wrapped = f"{number >> 16:x}:{number & 0xFFFF:x}"

    assert is_forbidden(f"64:ff9b::{wrapped}", POLICY) == is_inside
    for form in (f"::ffff:{wrapped}", f"::{wrapped}", f"2002:{wrapped}::", f"64:ff9b:1::{wrapped}"):
        assert is_forbidden(form, POLICY)


@given(st.text())
def test_whatever_is_written_is_an_address_or_refused(text: str) -> None:
    try:
        address = parse_address(f"http://{text}")
    except AddressForbidden:
        return

    assert parse_address(str(address)) == address
    assert str(address).isascii()


def test_an_intranet_is_read_only_where_the_operator_says_so() -> None:
    open_ = OutboundPolicy(allowed_networks=("10.20.0.0/16", "fd00::/8"))

    assert not is_forbidden("10.20.3.4", open_)
    assert not is_forbidden("fd00::1", open_)
    for other in ("10.21.0.1", "::ffff:10.20.3.4", "64:ff9b::10.20.3.4", "127.0.0.1"):
        assert is_forbidden(other, open_)


def test_a_forbidden_network_beats_everything() -> None:
    closed = OutboundPolicy(
        allowed_networks=("10.0.0.0/8",), forbidden_networks=("10.1.0.0/16", "8.8.8.0/24")
    )

    assert not is_forbidden("10.2.0.1", closed)
    for other in ("10.1.0.1", "8.8.8.8", "64:ff9b::8.8.8.8"):
        assert is_forbidden(other, closed)


def test_a_list_of_hosts_leaves_everything_else_out() -> None:
    listed = OutboundPolicy(allowed_hosts=("example.org", "*.Example.com", "10.20.3.4"))

    for url in ("https://example.org/", "https://a.example.com/", "https://a.b.example.com/"):
        assert str(readable_address(url, listed)) == url
    for url in (
        "https://www.example.org/",
        "https://example.com/",
        "https://badexample.com/",
        "https://8.8.8.8/",
        "https://10.20.3.4/",  # listed, but the network is not allowed
    ):
        with pytest.raises(AddressForbidden):
            readable_address(url, listed)


def test_only_the_ports_of_the_policy_are_read() -> None:
    with pytest.raises(AddressForbidden, match="80, 443"):
        readable_address("https://example.org:22/", POLICY)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        (b"/b", "https://example.org/b"),
        (b"b?c#d", "https://example.org/a/b?c"),
        (b"//other.example/", "https://other.example/"),
        ("/柱".encode(), "https://example.org/%E6%9F%B1"),
        (b"HTTP://other.example", "http://other.example/"),
    ],
)
def test_a_redirect_is_joined_and_parsed_like_any_address(location: bytes, target: str) -> None:
    assert str(redirected(parse_address("https://example.org/a/"), location)) == target


@pytest.mark.parametrize(
    "location",
    [
        b"http://a\\@b/",
        b"\xff\xfe",
        b"http://exa\tmple.org/",
        b"http://[::1/",
        b"file:///etc/passwd",
    ],
)
def test_a_redirect_that_is_no_plain_address_is_refused(location: bytes) -> None:
    with pytest.raises(AddressForbidden):
        redirected(parse_address("https://example.org/a/"), location)


@pytest.mark.parametrize("setting", [{"allowed_hosts": ["http://x"]}, {"allowed_networks": ["x"]}])
def test_a_policy_that_means_nothing_does_not_start(setting: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match=r"no host name|does not appear to be"):
        OutboundPolicy.model_validate(setting)
