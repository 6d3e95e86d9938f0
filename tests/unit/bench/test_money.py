"""What the bench of the ledger makes of its times."""

from money import figures


def test_figures_are_the_middle_and_the_slow_end() -> None:
    found = figures([float(n) for n in range(1, 101)])

    assert found["count"] == 100
    assert found["p50_ms"] == 50.5
    assert 95 <= found["p95_ms"] <= 96
