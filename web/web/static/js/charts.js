// A chart says under itself what the pointer or the keyboard is at.
"use strict";

for (const chart of document.querySelectorAll("[data-chart]")) {
  const readout = chart.querySelector("[data-readout]");
  if (!readout) continue;
  readout.hidden = false;
  const tell = (event) => {
    const link = event.target.closest("a");
    if (link) readout.textContent = link.getAttribute("aria-label");
  };
  chart.addEventListener("pointerover", tell);
  chart.addEventListener("focusin", tell);
}
