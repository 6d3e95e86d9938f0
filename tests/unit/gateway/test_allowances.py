"""Against what an answer for a guest counts."""

from datetime import UTC, datetime

from contracts.accounts import Power
from gateway.allowances.rules import bounds_of_guest, hashed_network, seconds_to_tomorrow
from gateway.caller import Caller, Stay
from gateway.settings import GuestLimits

DAY = datetime(2026, 11, 23, 23, 59, 30, tzinfo=UTC)


def guest_with(stay: Stay | None) -> Caller:
    return Caller(
        member_id="mem_g",
        member_name="",
        email="",
        workspace_id="wsp_1",
        power=Power.GUEST,
        key_id=None,
        scopes=frozenset(),
        stay=stay,
        address="2001:db8::7",
    )


def test_a_guest_counts_against_themselves_their_network_the_door_and_all() -> None:
    bounds = bounds_of_guest(
        guest_with(Stay(visit_id="vst_1", door_id="key_1", answers=9, visitor_answers=2)),
        GuestLimits(admitted=True),
        b"key",
        DAY.date(),
    )
    network = hashed_network("2001:db8::ffff", b"key", DAY.date())
    written = [(each.subject, each.most) for each in bounds]

    assert written == [
        ("guest:mem_g", 2),
        (f"network:{network}", 60),
        (f"network:key_1:{network}", 2),
        ("door:key_1", 9),
        ("all", 2_000),
    ]
    assert "2001" not in "".join(each.subject for each in bounds)
    assert bounds_of_guest(guest_with(None), GuestLimits(), b"key", DAY.date()) == []
    assert seconds_to_tomorrow(DAY) == 30
