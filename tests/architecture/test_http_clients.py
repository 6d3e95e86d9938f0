"""Who may speak HTTP, and to whom. An address that a user gave goes through `runtime.outbound`."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
MEMBERS = ("libs", "services", "web", "infra")
CLIENTS = {
    "httpx2", "httpcore2", "httpx", "httpcore", "requests", "urllib3", "aiohttp", "urllib.request",
    "http.client", "ftplib", "telnetlib", "smtplib", "aiosmtplib", "websockets", "pycurl",
    "xmlrpc.client",
}  # fmt: skip

NEIGHBOUR = "speaks to a process of this installation, at an address of the settings"
ITS_STORE = "speaks to a server that the operator named in the settings"
TYPES_ONLY = "names types of the client that it is given"

SPEAKERS = {
    "contracts.clients.http": TYPES_ONLY,
    "contracts.clients.inference": TYPES_ONLY,
    "contracts.clients.jobs": TYPES_ONLY,
    "contracts.clients.lines": TYPES_ONLY,
    "contracts.clients.retrieval": TYPES_ONLY,
    "gateway.outside": TYPES_ONLY,
    "gateway.self_tests": TYPES_ONLY,
    "inference.adapters.llamacpp_process": "asks the engine that it started itself",
    "inference.adapters.openai_http": ITS_STORE,
    "inference.adapters.openai_lines": TYPES_ONLY,
    "laptop.models.hub": "fetches the catalogue's models, at addresses of the catalogue",
    "retrieval.probes": ITS_STORE,
    "runtime.outbound.client": "the one client for addresses that users give",
    "runtime.outbound.connecting": "its sockets",
    "runtime.outgoing": NEIGHBOUR,
    "seed.__main__": NEIGHBOUR,
    "seed.api": NEIGHBOUR,
    "web.clients.accounts": NEIGHBOUR,
    "web.clients.conversations": NEIGHBOUR,
    "web.clients.gateway": NEIGHBOUR,
    "web.clients.knowledge": NEIGHBOUR,
    "web.clients.usage": NEIGHBOUR,
    "web.clients.versions": NEIGHBOUR,
    "web.forwarding": NEIGHBOUR,
    "web.wiring": NEIGHBOUR,
}
"""Module -> why it may. A new one needs a reason, and none is an address that a user gave."""

BY_MAIL = {"gateway.adapters.mail_smtp": "sends mail through the server of the settings"}
"""Mail is sent to addresses of people, by a server of the operator's."""


def test_only_the_listed_modules_speak_http() -> None:
    found = {module for module, names in imports().items() if names & CLIENTS}

    assert found - set(BY_MAIL) == set(SPEAKERS)


def test_nobody_opens_sockets_by_hand_to_reach_a_server() -> None:
    calls = ("create_connection", "open_connection", "connect_tcp", "urlopen", "urlretrieve")
    found = {
        module
        for module, path in product_modules()
        if module.partition(".")[0] != "laptop"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in calls
    }

    # The broker's probe, at the address of the settings; the outbound client itself.
    assert found <= {"runtime.outbound.connecting", "runtime.broker_probe", "runtime.probing"}


def product_modules() -> Iterator[tuple[str, Path]]:
    """Dotted name and file of every module that ships."""
    for member in MEMBERS:
        for path in (ROOT / member).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "migrations" in parts or "node_modules" in parts:
                continue
            start = next((n for n in range(1, len(parts)) if parts[n - 1] == parts[n]), 1)
            yield ".".join(parts[start:]).removesuffix(".__init__"), path


@cache
def imports() -> dict[str, frozenset[str]]:
    """Module -> what it imports, of everything that ships."""
    return {module: frozenset(imported(path)) for module, path in product_modules()}


def imported(path: Path) -> set[str]:
    """The modules a file imports, anywhere in it; of `a.b` also `a`."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names | {name.partition(".")[0] for name in names}
