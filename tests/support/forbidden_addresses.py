"""Addresses that must open no socket, in the spellings that have passed other products' checks."""

from ipaddress import IPv4Address

_INSIDE = (
    "0.0.0.0",  # noqa: S104 - nobody listens there
    "10.0.0.1",
    "10.255.255.254",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.2",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.254",
    "192.0.0.192",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.254",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
)
_SPELT = ("127.0.0.2", "169.254.169.254", "10.0.0.1", "192.168.1.1")
_INSIDE_V6 = (
    "::",
    "::1",
    "::2",
    "fe80::1",
    "fe80::1%25eth0",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "4000::1",
)


def forbidden_urls(port: int) -> list[str]:
    """All of them, each once. port: where somebody listens at 127.0.0.2 and ::1."""
    hosts = [*_INSIDE, *(f"[{each}]" for each in _INSIDE_V6)]
    for address in _SPELT:
        hosts += _other_spellings(IPv4Address(address))
    urls = [f"http://{host}:{port}/" for host in hosts]
    urls += [f"https://{host}/" for host in ("127.0.0.2", "[::1]", "169.254.169.254")]
    urls += _odd_addresses(port)
    return list(dict.fromkeys(urls))


def names_that_lead_inside(port: int) -> dict[str, list[str]]:
    """Address -> what a resolver says of its name: public by its looks alone."""
    answers = {
        "inside.example": ["127.0.0.2"],
        "mapped.example": ["::ffff:127.0.0.2"],
        "mapped-hex.example": ["::ffff:7f00:2"],
        "compatible.example": ["::7f00:2"],
        "loopback6.example": ["::1"],
        "link.example": ["fe80::1%eth0"],
        "unique.example": ["fd12:3456::1"],
        "nat64.example": ["64:ff9b::7f00:2"],
        "nat64-local.example": ["64:ff9b:1::7f00:2"],
        "sixtofour.example": ["2002:7f00:2::"],
        "metadata.example": ["169.254.169.254"],
        "any.example": ["0.0.0.0"],  # noqa: S104 - nobody listens there
        "good-and-bad.example": ["127.0.0.1", "127.0.0.2"],
        "bad-and-good.example": ["127.0.0.2", "127.0.0.1"],
        "four-and-six.example": ["127.0.0.1", "::1"],
        "rubbish.example": ["not an address"],
        "localhost": ["127.0.0.2", "::1"],
        "metadata.google.internal": ["169.254.169.254"],
    }
    return {f"http://{name}:{port}/": found for name, found in answers.items()}


def _other_spellings(address: IPv4Address) -> list[str]:
    number = int(address)
    parts = address.packed
    high, low = number >> 16, number & 0xFFFF
    return [
        str(number),
        hex(number),
        hex(number).upper().replace("0X", "0x"),
        oct(number).replace("0o", "0"),
        ".".join(hex(part) for part in parts),
        ".".join(f"0{part:o}" for part in parts),
        ".".join(f"{part:03d}" for part in parts),
        f"{parts[0]}.{number & 0xFFFFFF}",
        f"{parts[0]}.{parts[1]}.{low}",
        f"{parts[0]}.0x{parts[1]:x}.0{parts[2]:o}.{parts[3]}",
        f"{address}.",
        f"[::ffff:{address}]",
        f"[::ffff:{high:x}:{low:x}]",
        f"[0:0:0:0:0:ffff:{high:x}:{low:x}]",
        f"[::{high:x}:{low:x}]",
        f"[64:ff9b::{high:x}:{low:x}]",
        f"[64:ff9b::{address}]",
        f"[2002:{high:x}:{low:x}::]",
        f"[::ffff:0:{high:x}:{low:x}]",
    ]


def _odd_addresses(port: int) -> list[str]:
    inside = f"127.0.0.2:{port}"
    return [
        f"http://user@{inside}/",
        f"http://user:password@{inside}/",
        f"http://127.0.0.1:{port}@{inside}/",
        f"http://127.0.0.1:{port}%40{inside}/",
        f"http://example.org@{inside}/",
        f"http://example.org\\@{inside}/",
        f"http://{inside}\\@example.org/",
        f"http:\\\\{inside}\\",
        f"http:/{inside}/",
        f"http:///{inside}/",
        f"http:{inside}/",
        f"//{inside}/",
        f"http://127。0。0。2:{port}/",
        f"http://127．0．0．2:{port}/",
        f"http://127｡0｡0｡2:{port}/",
        f"http://１２７.０.０.２:{port}/",
        f"http://①②⑦.⓪.⓪.②:{port}/",
        f"http://127.0.0.\u00ad2:{port}/",
        f"http://127.0.0\u200b.2:{port}/",
        f"http://127..0.0.2:{port}/",
        f"http://.127.0.0.2:{port}/",
        f"http://127.0.0.2..:{port}/",
        f"http://%31%32%37.0.0.2:{port}/",
        f"http://127.0.0.2%00.example.org:{port}/",
        f"http://127.0.0.2\x00.example.org:{port}/",
        f"http://127.0.0.2\t:{port}/",
        f"http://exa\nmple.org:{port}/",
        f"http://127.0.0.2 .example.org:{port}/",
        f"http://127.0.0.2:{port}:80/",
        f"http://127.0.0.2:0{port}0/",
        "http://127.0.0.2:-1/",
        "http://127.0.0.2:99999/",
        f"http://127.0.0.2:{port}٠/",
        f"http://[127.0.0.2]:{port}/",
        f"http://[::1:{port}/",
        f"http://::1:{port}/",
        f"http://[::1]]:{port}/",
        f"http://[::1%251]:{port}/",
        f"http://-inside.example:{port}/",
        f"http://xn--zz:{port}/",
        f"http://{'a' * 64}.example:{port}/",
        f"http://{'a.' * 130}example:{port}/",
        "http://",
        "http://:80/",
        "http://?",
        "https://#",
        "",
        "example.org",
        f"file://{inside}/etc/passwd",
        "file:///etc/passwd",
        f"ftp://{inside}/",
        f"gopher://{inside}/_GET",
        f"dict://{inside}/",
        f"ldap://{inside}/",
        f"ws://{inside}/",
        f"jar:http://{inside}/!/",
        f"view-source:http://{inside}/",
        "data:text/html,<p>inside</p>",
        "javascript:fetch('/')",
        "about:blank",
        f"httpx://{inside}/",
        f"http+unix://{inside}/",
        f"url:http://{inside}/",
        f"http://{inside}/{'a' * 2_000}",
    ]
