"""What every test may rely on."""

import signal
from collections.abc import Generator

import pytest

from tests.support.stack import Stack

pytest.register_assert_rewrite("tests.support.engine_suite")


def pytest_configure() -> None:
    # A shell that runs us in its background ignores SIGINT, and ignoring is inherited: launchers
    # started by tests would then be deaf to the Ctrl-C that the tests send them.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


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
