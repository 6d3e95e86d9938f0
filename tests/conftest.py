"""What every test may rely on."""

import signal

import pytest

pytest.register_assert_rewrite("tests.support.engine_suite")


def pytest_configure() -> None:
    # A shell that runs us in its background ignores SIGINT, and ignoring is inherited: launchers
    # started by tests would then be deaf to the Ctrl-C that the tests send them.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
