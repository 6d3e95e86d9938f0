"""What axe-core has to say against an open page, in words that name the rule and the element.

assert complaints(page) == []
"""

from pathlib import Path
from typing import TypedDict

from playwright.sync_api import Page

SOURCE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules of these tags that look at colours."""
_RUN = """async ([type, values]) => (await axe.run(document, {
    runOnly: { type, values },
    // Of the tags' rules this one is off by itself, because it is new.
    rules: type === "tag" ? { "target-size": { enabled: true } } : {},
    resultTypes: ["violations"],
})).violations.map(({ id, nodes }) => ({
    id, nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })),
}))"""


class _Node(TypedDict):
    html: str
    failureSummary: str


class _Violation(TypedDict):
    id: str
    nodes: list[_Node]


def complaints(page: Page, *, colours_alone: bool = False) -> list[str]:
    """Violations of WCAG 2.2 A and AA as the page is shown now, one sentence for each element.

    colours_alone: for a page that was looked at whole, in another scheme.
    """
    # Through the debugger: the page's own policy lets no foreign script in.
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(SOURCE)
    found: list[_Violation] = page.evaluate(
        _RUN, ["rule", COLOURS] if colours_alone else ["tag", TAGS]
    )
    return [
        f"{one['id']}: {node['html'][:200]} {' '.join(node['failureSummary'].split())[:300]}"
        for one in found
        for node in one["nodes"]
    ]
