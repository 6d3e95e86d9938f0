// Uploads show how much has been sent; folds say when they save.
"use strict";

document.addEventListener("htmx:xhr:progress", (event) => {
  const bar = event.target.closest?.("[data-upload]")?.querySelector("progress");
  if (!bar || !event.detail.lengthComputable) return;
  bar.hidden = false;
  bar.value = (event.detail.loaded / event.detail.total) * 100;
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-autosave]")) event.target.querySelector(".saved").textContent = "";
});
