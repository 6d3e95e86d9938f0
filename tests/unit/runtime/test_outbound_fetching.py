"""One address is read: resolved once, pinned to what was checked, each redirect as a new one."""

import asyncio
import gzip
from collections.abc import Iterator

import pytest

from runtime.outbound.client import Fetched, OutboundClient
from runtime.outbound.errors import (
    NO_PUBLIC_SERVER,
    AddressForbidden,
    NotReachable,
    TooManyHops,
    WrongType,
)
from runtime.outbound.policy import OutboundPolicy
from runtime.outbound.resolving import SystemResolver
from tests.support.engines import free_port
from tests.support.forbidden_addresses import names_that_lead_inside
from tests.support.hostile_web import (
    PUBLIC,
    FakeResolver,
    HostileWeb,
    connections,
    head,
    hostile_web,
)

HTML = frozenset({"text/html"})


@pytest.fixture
def web() -> Iterator[HostileWeb]:
    with hostile_web() as web:
        yield web


@pytest.fixture
def resolver() -> FakeResolver:
    return FakeResolver({"example.org": [[PUBLIC]], "other.example": [[PUBLIC]]})


async def fetched(web: HostileWeb, resolver: FakeResolver, url: str, **headers: str) -> Fetched:
    client = OutboundClient(web.policy(), resolver)
    return await client.fetch(url, types=HTML, headers=headers)


async def test_a_page_is_read(web: HostileWeb, resolver: FakeResolver) -> None:
    web.page("/a%20b", "<p>柱</p>", kind="Text/HTML; charset=UTF-8")
    page = await fetched(web, resolver, web.url("/a b?q=1#part", "example.org"))

    assert page == Fetched(
        url=web.url("/a%20b?q=1", "example.org"),
        status=200,
        content_type="text/html",
        charset="UTF-8",
        content="<p>柱</p>".encode(),
        hops=0,
    )
    assert web.asked[0].headers == {
        "host": f"example.org:{web.port}",
        "user-agent": "Stoa",
        "accept": "text/html",
        "accept-encoding": "gzip",
        "connection": "close",
    }


async def test_a_packed_page_is_unpacked(web: HostileWeb, resolver: FakeResolver) -> None:
    content = gzip.compress(b"<p>one</p>") + gzip.compress(b"<p>two</p>")
    web.page("/", content, **{"content-encoding": "gzip"})

    assert (await fetched(web, resolver, web.url("/"))).content == b"<p>one</p><p>two</p>"


async def test_a_failure_of_the_server_is_told_without_its_body(
    web: HostileWeb, resolver: FakeResolver
) -> None:
    web.raw("/", head(503, {"content-type": "video/mp4", "content-length": "999999999"}))
    page = await fetched(web, resolver, web.url("/"))

    assert (page.status, page.is_success, page.content) == (503, False, b"")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_within_the_public(
    web: HostileWeb, resolver: FakeResolver, status: int
) -> None:
    web.redirect("/old", f"//other.example:{web.port}/new", status)
    web.page("/new", "<p>Here.</p>")
    page = await fetched(web, resolver, web.url("/old", "example.org"))

    assert (page.url, page.hops) == (web.url("/new", "other.example"), 1)
    assert resolver.asked == ["example.org", "other.example"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_inside_is_refused_on_any_hop(
    web: HostileWeb, resolver: FakeResolver, status: int
) -> None:
    inside = [*names_that_lead_inside(web.port), f"http://127.0.0.2:{web.port}/", "file:///etc/pw"]
    for number, (url, answer) in enumerate(names_that_lead_inside(web.port).items()):
        resolver.knows(url.split("/")[2].partition(":")[0], answer)
        web.redirect(f"/{number}", url, status)
    web.redirect("/18", inside[-2], status)
    web.redirect("/19", inside[-1], status)
    for number in range(len(inside)):
        web.redirect("/first", f"/{number}", status)
        with connections() as opened, pytest.raises(AddressForbidden):
            await fetched(web, resolver, web.url("/first", "example.org"))

        assert opened == [(PUBLIC, web.port)] * 2
    assert web.forbidden_connections == 0


@pytest.mark.parametrize("status", [300, 304, 305, 306, 399])
async def test_other_answers_of_that_hundred_lead_nowhere(
    web: HostileWeb, resolver: FakeResolver, status: int
) -> None:
    web.redirect("/", f"http://127.0.0.2:{web.port}/", status)

    assert (await fetched(web, resolver, web.url("/"))).status == status
    assert web.forbidden_connections == 0


async def test_a_page_that_refreshes_itself_elsewhere_is_only_a_page(
    web: HostileWeb, resolver: FakeResolver
) -> None:
    target = f"http://127.0.0.2:{web.port}/"
    body = f'<meta http-equiv="refresh" content="0;url={target}"><script src="{target}"></script>'
    web.page("/", body, refresh=f"0;url={target}", link=f"<{target}>; rel=preload")
    page = await fetched(web, resolver, web.url("/"))

    assert (page.content, page.hops) == (body.encode(), 0)
    assert web.forbidden_connections == 0


async def test_a_name_that_leads_inside_opens_no_socket(
    web: HostileWeb, resolver: FakeResolver
) -> None:
    for url, answer in names_that_lead_inside(web.port).items():
        resolver.knows(url.split("/")[2].partition(":")[0], answer)
        with connections() as opened, pytest.raises(AddressForbidden):
            await fetched(web, resolver, url)

        assert opened == []
    assert (web.forbidden_connections, web.asked) == (0, [])


async def test_a_name_that_changes_its_answer_is_asked_once(
    web: HostileWeb, resolver: FakeResolver
) -> None:
    web.page("/", "<p>Public.</p>")
    resolver.knows("rebinding.example", [PUBLIC], ["127.0.0.2"])
    page = await fetched(web, resolver, web.url("/", "rebinding.example"))

    assert page.is_success
    assert (resolver.asked, web.forbidden_connections) == (["rebinding.example"], 0)


async def test_a_name_that_changes_between_two_hops_is_refused(
    web: HostileWeb, resolver: FakeResolver
) -> None:
    web.redirect("/", "/again")
    resolver.knows("rebinding.example", [PUBLIC], ["127.0.0.2"])
    with pytest.raises(AddressForbidden):
        await fetched(web, resolver, web.url("/", "rebinding.example"))

    assert (len(web.asked), web.forbidden_connections) == (1, 0)


async def test_the_next_answer_is_tried_when_one_is_closed(
    web: HostileWeb, resolver: FakeResolver
) -> None:
    web.page("/", "<p>Public.</p>")
    resolver.knows("two.example", ["127.0.0.3", PUBLIC])
    policy = web.policy(allowed_networks=("127.0.0.1/32", "127.0.0.3/32"))
    page = await OutboundClient(policy, resolver).fetch(web.url("/", "two.example"), types=HTML)

    assert page.is_success


async def test_five_redirects_are_followed_and_no_sixth(
    web: HostileWeb, resolver: FakeResolver
) -> None:
    for number in range(6):
        web.redirect(f"/{number}", f"/{number + 1}")
    web.page("/6", "<p>The end.</p>")

    assert (await fetched(web, resolver, web.url("/1"))).hops == 5
    with pytest.raises(TooManyHops, match="more than 5 times"):
        await fetched(web, resolver, web.url("/0"))


async def test_a_circle_of_redirects_is_noticed(web: HostileWeb, resolver: FakeResolver) -> None:
    web.redirect("/a", "/b")
    web.redirect("/b", "/a#again")
    with pytest.raises(TooManyHops, match="circle"):
        await fetched(web, resolver, web.url("/a"))

    assert len(web.asked) == 2


async def test_what_is_meant_for_one_server_no_other_gets(
    web: HostileWeb, resolver: FakeResolver
) -> None:
    web.redirect("/a", "/b")
    web.redirect("/b", web.url("/c", "other.example"))
    web.redirect("/c", web.url("/d", "example.org"))
    web.page("/d", "<p>Back.</p>", **{"set-cookie": "a=b"})
    secrets = {"authorization": "Bearer secret", "cookie": "a=b", "x-api-key": "secret"}
    await fetched(web, resolver, web.url("/a", "example.org"), **secrets)

    carried = [secrets.keys() & asked.headers.keys() for asked in web.asked]
    assert carried == [secrets.keys(), secrets.keys(), set(), set()]
    assert all("referer" not in asked.headers for asked in web.asked)


async def test_headers_of_a_caller_do_not_replace_ours(
    web: HostileWeb, resolver: FakeResolver
) -> None:
    web.page("/", "<p>Rules.</p>")
    await fetched(web, resolver, web.url("/", "example.org"), Host="inside.example")

    assert web.asked[0].headers["host"] == f"example.org:{web.port}"


async def test_a_closed_port_a_missing_name_and_an_inner_one_sound_the_same(
    resolver: FakeResolver,
) -> None:
    port = free_port()
    policy = OutboundPolicy(allowed_networks=("127.0.0.1/32",), ports=(port,))
    resolver.knows("inside.example", ["127.0.0.2"])
    heard = []
    for host in ("example.org", "nowhere.example", "inside.example"):
        with pytest.raises((NotReachable, AddressForbidden)) as refusal:
            await OutboundClient(policy, resolver).fetch(f"http://{host}:{port}/", types=HTML)
        heard.append(refusal.value.message)

    assert heard == [NO_PUBLIC_SERVER] * 3


async def test_another_kind_of_content_is_refused_before_its_body(
    web: HostileWeb, resolver: FakeResolver
) -> None:
    def film() -> Iterator[bytes]:
        yield head(200, {"content-type": "video/mp4"})
        while not web.over.wait(0.01):
            yield b"x" * 1_000

    web.answer("/", film)
    with pytest.raises(WrongType):
        await fetched(web, resolver, web.url("/"))


async def test_the_machines_own_resolver_knows_this_machine() -> None:
    found = await SystemResolver().addresses("localhost", 80)

    assert set(found) <= {"127.0.0.1", "::1"}
    with pytest.raises(OSError, match=r".+"):
        await SystemResolver().addresses("no such name", 80)


async def test_a_resolver_that_does_not_answer_is_given_up(web: HostileWeb) -> None:
    class Silent(FakeResolver):
        async def addresses(self, host: str, port: int) -> list[str]:
            del host, port
            return await never()

    client = OutboundClient(web.policy(connect_seconds=0.05), Silent())
    with pytest.raises(NotReachable):
        await client.fetch("http://example.org/", types=HTML)


async def test_proxies_of_the_environment_are_not_used(
    web: HostileWeb, resolver: FakeResolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.2:{web.port}")
        monkeypatch.setenv(name.upper(), f"http://127.0.0.2:{web.port}")
    web.page("/", "<p>Direct.</p>")

    assert (await fetched(web, resolver, web.url("/", "example.org"))).is_success
    assert web.forbidden_connections == 0


async def never() -> list[str]:
    await asyncio.Event().wait()
    return []
