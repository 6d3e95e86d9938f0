"""What every test may rely on."""

import signal
from collections.abc import Generator
from pathlib import PurePosixPath

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler.loadscope import LoadScopeScheduling  # type: ignore[import-untyped]

from tests.support.stack import Stack

pytest.register_assert_rewrite("tests.support.engine_suite")

LONG = ("browser", "integration", "contract")
"""Folders whose files take minutes rather than seconds."""


def pytest_configure() -> None:
    # A shell that runs us in its background ignores SIGINT, and ignoring is inherited: launchers
    # started by tests would then be deaf to the Ctrl-C that the tests send them.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class TogetherScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """When two processes share the tests, what shares dear fixtures stays together."""

    def _split_scope(self, nodeid: str) -> str:
        path = PurePosixPath(nodeid.partition("::")[0])
        return str(path.parent if "integration" in path.parts else path)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> TogetherScheduling:
    """Ours, whatever `--dist` says."""
    return TogetherScheduling(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long stories first (after the shuffling), so that none is left over at the end."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.path.relative_to(config.rootpath).parts[1] not in LONG)


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
