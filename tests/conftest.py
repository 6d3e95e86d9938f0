"""What every test may rely on."""

import signal
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.stack import Stack

pytest.register_assert_rewrite("tests.support.engine_suite")

LONG = ("browser", "integration", "contract")
"""Folders whose files take minutes rather than seconds."""


def pytest_configure() -> None:
    # A shell that runs us in its background ignores SIGINT, and ignoring is inherited: launchers
    # started by tests would then be deaf to the Ctrl-C that the tests send them.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_itemcollected(item: pytest.Item) -> None:
    """When two processes share the tests, what shares dear fixtures stays together."""
    path = item.path.relative_to(item.config.rootpath / "tests")
    item.add_marker(pytest.mark.xdist_group(str(_shared_place(path))))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long stories first (after the shuffling), so that none is left over at the end."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.path.relative_to(config.rootpath).parts[1] not in LONG)


def _shared_place(path: Path) -> Path:
    return path.parent if path.parts[0] == "integration" else path


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What the processes of a whole Stoa said last stands beside a failure on it."""
    report = yield
    if report.failed:
        found = getattr(item, "funcargs", {}).values()
        for value in found:
            stack = getattr(value, "stack", value)
            if isinstance(stack, Stack):
                report.sections.append(("logs of the stack", stack.last_words()))
                break
    return report
