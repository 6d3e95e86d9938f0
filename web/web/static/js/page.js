// What every page shares: problems of a swap clear away when the next one works.
"use strict";

document.addEventListener("htmx:beforeRequest", () => {
  document.getElementById("notices")?.replaceChildren();
});

// When the server cannot be reached there is no answer to swap in.
document.addEventListener("htmx:sendError", () => {
  const notices = document.getElementById("notices");
  const template = document.getElementById("unreachable");
  if (notices && template) notices.replaceChildren(template.content.cloneNode(true));
});
