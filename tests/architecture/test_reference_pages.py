"""The generated pages say what the code says."""

import warnings
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["configuration.md", "errors.md", "endpoints.md", "metrics.md"])
def test_the_page_is_up_to_date(name: str) -> None:
    with warnings.catch_warnings():
        # Walking all modules imports vendors' code that warns about itself.
        warnings.simplefilter("ignore")
        from reference.pages import all_pages

        made = all_pages()[name]

    assert (DOCS / name).read_text(encoding="utf-8") == made, "run `make docs`"
