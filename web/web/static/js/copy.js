// Buttons that copy the text beside them. Without scripts they stay hidden.
"use strict";

(() => {
  const showAll = () => {
    for (const button of document.querySelectorAll(".copy[hidden]")) button.hidden = false;
  };

  const copy = async (code) => {
    getSelection().selectAllChildren(code);
    // Browsers have the clipboard only on secure addresses; elsewhere the selection is copied.
    if (navigator.clipboard) await navigator.clipboard.writeText(code.textContent);
    else if (!document.execCommand("copy")) throw new Error("not copied");
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.(".copy");
    if (!button) return;
    const words = button.querySelector("span");
    const before = words.textContent;
    try {
      const { copies } = button.dataset;
      await copy(copies ? document.getElementById(copies) : button.parentElement.querySelector("code"));
    } catch {
      return; // the text is selected: the reader's own keys copy it
    }
    words.textContent = button.dataset.copied;
    setTimeout(() => { words.textContent = before; }, 2000);
  });

  document.addEventListener("htmx:afterSettle", showAll);
  document.addEventListener("stoa:answered", showAll);
  showAll();
})();
