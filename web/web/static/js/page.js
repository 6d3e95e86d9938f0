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

// When the server cannot be reached there is no answer to swap in.
document.addEventListener("htmx:sendError", () => {
  const notices = document.getElementById("notices");
  const template = document.getElementById("unreachable");
  if (notices && template) notices.replaceChildren(template.content.cloneNode(true));
});
