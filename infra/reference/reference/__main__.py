"""`make docs`: writes the generated pages under docs/."""

from pathlib import Path

from reference.pages import all_pages

ROOT = Path(__file__).parents[3]

for name, text in all_pages().items():
    (ROOT / "docs" / name).write_text(text, encoding="utf-8")
