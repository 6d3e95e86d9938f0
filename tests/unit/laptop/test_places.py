"""Ports of an installation, at every offset a person may choose."""

from pathlib import Path

from annotated_types import Le

from laptop.places import FIRST_PORTS, Place
from laptop.settings import LaptopSettings


def test_every_port_exists_at_the_largest_offset() -> None:
    bounds = LaptopSettings.model_fields["port_offset"].metadata
    largest = next(int(str(bound.le)) for bound in bounds if isinstance(bound, Le))
    place = Place(Path("var"), largest)

    assert all(place.port(name) < 65_536 for name in FIRST_PORTS)


def test_no_two_programs_share_a_port() -> None:
    assert len(set(FIRST_PORTS.values())) == len(FIRST_PORTS)
