"""One place makes HTML of text: whatever else is shown, its template escapes."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = [
    path
    for folder in ("libs", "services", "web", "infra")
    for suffix in ("*.py", "*.html", "*.js")
    for path in sorted((ROOT / folder).rglob(suffix))
    if "vendor" not in path.parts and "documents" not in path.parts
]
ALLOWED = {
    "Markup(": {"web/web/rendering.py"},
    "nh3": {"web/web/rendering.py"},
    # Ingest reads Markdown files into plain text; it makes no HTML.
    "markdown_it": {"web/web/rendering.py", "services/ingest/ingest/parsing/markdown.py"},
    "|safe": set(),
    "| safe": set(),
    "autoescape false": set(),
    "autoescape=False": set(),
    "__html__": set(),
    "jinja2.Template": set(),
    "from_string(": set(),
    # Our own page, in the template that a reload would use; the text before it is appended as text.
    # frame.py only names, to htmx, where a problem goes.
    "innerHTML": {"web/web/static/js/turns.js", "web/web/frame.py"},
}
"""What turns text into HTML, and the only files that may."""


@pytest.mark.parametrize("word", sorted(ALLOWED))
def test_only_the_renderer_turns_text_into_html(word: str) -> None:
    users = {
        str(path.relative_to(ROOT)) for path in PRODUCT if word in path.read_text(encoding="utf-8")
    }

    assert users <= ALLOWED[word]


def test_the_renderer_is_where_it_is_looked_for() -> None:
    assert "nh3.clean(" in (ROOT / "web/web/rendering.py").read_text(encoding="utf-8")


def test_every_link_of_a_template_leads_to_ourselves() -> None:
    # The way out is one page, which shows the target before anything is opened.
    outside = [
        (path.name, word)
        for path in PRODUCT
        if path.suffix == ".html"
        for word in ('href="http', 'src="http', 'action="http', 'href="{{ target.address }}"')
        if word in path.read_text(encoding="utf-8")
    ]

    assert outside == [("leave.html", 'href="{{ target.address }}"')]
