"""Drawing in the jail: a page that goes wrong costs its own picture and nothing else."""

from pathlib import Path

import pytest

from ingest.parsing.confinement import JailLimits
from ingest.parsing.drawn import PictureLimits
from ingest.parsing.jail import Jail
from tests.support import documents
from tests.support.page_pictures import drawn

HOSTILE = "tests.unit.ingest.hostile_artists"
PATIENT = PictureLimits(dots_per_inch=72, cpu_seconds=600, page_seconds=600)


@pytest.fixture
def jail() -> Jail:
    return Jail(JailLimits(), artist=HOSTILE)


def numbers(jail: Jail, source: Path) -> list[int]:
    return [page.facts.number for page in jail.draw(source, PATIENT)]


def test_pages_drawn_in_the_jail_are_those_drawn_outside(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(documents.english_pdf().content)
    inside = list(Jail(JailLimits()).draw(source, PATIENT))

    assert inside == drawn(documents.english_pdf().content, PATIENT)[1]
    assert len(inside) == 5


@pytest.mark.parametrize("behaviour", ["segfault", "half"])
def test_the_pages_around_one_that_ends_the_child_are_drawn(
    jail: Jail, tmp_path: Path, behaviour: str
) -> None:
    source = tmp_path / "source"
    source.write_text(f"{behaviour} 3")

    assert numbers(jail, source) == [1, 2, 4, 5, 6]


def test_a_document_that_ends_every_child_is_given_up(jail: Jail, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("segfault 2 3 4 5 6")

    assert numbers(jail, source) == [1]


def test_a_page_that_takes_too_long_is_given_up(jail: Jail, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("hang 2")
    hasty = PATIENT.model_copy(update={"page_seconds": 0.2})

    assert [page.facts.number for page in jail.draw(source, hasty)] == [1, 3, 4, 5, 6]
