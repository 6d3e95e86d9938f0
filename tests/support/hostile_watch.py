"""Watches a page in Chromium for everything a hostile text could bring about.

watch = Watch(page, base_url)
page.goto(...)
assert watch.found() == []
"""

from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page, Request

# What no text may ever become, whether or not the policy would stop it: it is looked for in the
# document itself, so that one wall is tested without leaning on the next.
_AUDIT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


class Watch:
    """Scripts that ran, dialogs, refusals of the policy, foreign requests, and foreign elements."""

    def __init__(self, page: Page, base_url: str) -> None:
        self._page = page
        self._base_url = base_url
        self._seen: list[str] = []
        page.expose_binding("stoaRan", lambda _source, *_what: self._seen.append("a script ran"))
        page.on("dialog", self._dialog)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._seen.append(f"page error: {error}"))
        page.context.on("request", self._request)
        page.on("popup", lambda _page: self._seen.append("a window opened"))
        page.on("download", lambda _file: self._seen.append("a download began"))

    def found(self) -> list[str]:
        """All that happened, and what stands in the document now that should not."""
        audit: list[str] = self._page.evaluate(_AUDIT)
        seen, self._seen = self._seen, []
        return [*seen, *(f"{self._page.url}: {each}" for each in audit)]

    def _dialog(self, dialog: object) -> None:
        self._seen.append("a dialog opened")
        dialog.dismiss()  # type: ignore[attr-defined]  # Dialog

    def _console(self, message: ConsoleMessage) -> None:
        # A refused form or a missing page is an answer, not a fault of the page.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self._seen.append(f"console: {message.text[:200]}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith(self._base_url + "/"):
            self._seen.append(f"asked for {request.url[:200]}")
