// What every page shares: problems of a swap clear away when the next one works.
"use strict";

// The browser turns strings into HTML only through this policy, and into scripts never. What comes
// through is a page of ours: htmx swaps our own server's answers, escaped and cleaned there.
window.trustedTypes?.createPolicy("default", { createHTML: (html) => html });

document.addEventListener("htmx:beforeRequest", () => {
  document.getElementById("notices")?.replaceChildren();
});

// The chooser's own words are covered by the page's; these name what was chosen.
document.addEventListener("change", (event) => {
  const names = event.target.closest(".file-field")?.querySelector("[data-names]");
  if (names) names.textContent = [...event.target.files].map((file) => file.name).join(", ");
});

// A swap that takes the focused element away leaves the keyboard where it was: at what came in its
// place, not at the top of the page.
let last = null;
let losing = "";
document.addEventListener("focusin", (event) => {
  last = event.target;
});
document.addEventListener("htmx:beforeSwap", (event) => {
  // A button that is switched off while it works has lost the focus before it goes.
  const { target } = event.detail;
  const { activeElement } = document;
  const isThere = activeElement === document.body || target?.contains(activeElement);
  losing = isThere && target?.contains(last) ? target.id : "";
});
document.addEventListener("htmx:afterSettle", () => {
  const place = losing && document.activeElement === document.body && document.getElementById(losing);
  losing = "";
  if (!place) return;
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
});

// When the server cannot be reached there is no answer to swap in.
document.addEventListener("htmx:sendError", () => {
  const notices = document.getElementById("notices");
  const template = document.getElementById("unreachable");
  if (notices && template) notices.replaceChildren(template.content.cloneNode(true));
});
