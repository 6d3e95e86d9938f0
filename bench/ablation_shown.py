"""What `bench/ablation.py` found, as a table in Markdown and as bars in SVG."""

import re
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- ablation -->", "<!-- /ablation -->"


def table(found: dict[str, Any]) -> str:
    """The rows in Markdown."""
    names = list(found["questions"])
    lines = [
        f"| | {' | '.join(names)} | **mean** | R@5 | against the row above |",
        f"|---|{'---|' * (len(names) + 3)}",
    ]
    for row in found["rows"]:
        cells = [f"{row['ndcg@10'][name]:.3f}" for name in names]
        change = ""
        if row["gain"] is not None:
            mean, low, high = row["gain"]
            change = f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]"
        lines.append(
            f"| {row['row']} | {' | '.join(cells)} | **{row['mean']:.3f}** "
            f"| {row['recall@5']:.3f} | {change} |"
        )
    return "\n".join(lines)


def plot(found: dict[str, Any]) -> str:
    """The means as bars, in SVG."""
    rows = found["rows"]
    widest = max(row["mean"] for row in rows)
    bars = []
    for number, row in enumerate(rows):
        top, width = 12 + 34 * number, 340 * row["mean"] / widest
        bars.append(
            f'<text x="328" y="{top + 16}" text-anchor="end">{row["row"]}</text>'
            f'<rect x="336" y="{top}" width="{width:.1f}" height="22" rx="3" fill="#b4532a"/>'
            f'<text x="{342 + width:.1f}" y="{top + 16}">{row["mean"]:.3f}</text>'
        )
    height = 20 + 34 * len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {height}" '
        'font-family="sans-serif" font-size="13" fill="#1f2328" role="img" '
        'aria-label="Mean nDCG@10 by row of the ablation">'
        f'<rect width="760" height="{height}" fill="#faf8f4"/>{"".join(bars)}</svg>\n'
    )


def put_into(page: Path, found: dict[str, Any]) -> None:
    """Replace the table between the marks."""
    text = page.read_text("utf-8")
    marked = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if marked.search(text) is None:
        raise SystemExit(f"{page} has no {BEGIN} … {END}")
    fresh = f"{BEGIN}\n{table(found)}\n{END}"
    page.write_text(marked.sub(lambda _: fresh, text), "utf-8")
