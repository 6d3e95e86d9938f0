// In the frame of another web site: Escape closes it, and links that lead away open beside it,
// because nothing but the room may be shown there.
"use strict";

(() => {
  const INSIDE = ["/with/", "/widget/"];

  document.addEventListener("keydown", (event) => {
    // Escape first stops an answer that is being written.
    if (event.key !== "Escape" || document.querySelector(".answer.running")) return;
    // Says nothing but that; whoever shows the frame may hear it.
    if (window.parent !== window) window.parent.postMessage("stoa:close", "*");
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || link.hash && link.pathname === location.pathname) return;
    if (link.origin === location.origin && INSIDE.some((root) => link.pathname.startsWith(root))) return;
    link.target = "_blank";
    link.rel = "noopener";
  });
})();
