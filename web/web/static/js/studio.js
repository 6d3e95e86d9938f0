// The studio: uploads show how much has been sent, folds how long ago they were saved, variables go
// into the instructions at a click, the preview stays at its end.
"use strict";

(() => {
  document.addEventListener("htmx:xhr:progress", (event) => {
    const bar = event.target.closest?.("[data-upload]")?.querySelector("progress");
    if (!bar || !event.detail.lengthComputable) return;
    bar.hidden = false;
    bar.value = (event.detail.loaded / event.detail.total) * 100;
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches("[data-autosave]")) {
      event.target.querySelector(".saved").textContent = "";
    }
  });

  // Counted from when the answer came: the clocks of server and reader may differ.
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
  const since = new WeakMap();
  const ago = (seconds) => {
    const [size, unit] = seconds < 60 ? [1, "second"] : seconds < 3600 ? [60, "minute"] : [3600, "hour"];
    return words.format(-Math.max(1, Math.floor(seconds / size)), unit);
  };
  setInterval(() => {
    for (const saved of document.querySelectorAll("[data-saved]")) {
      if (!since.has(saved)) since.set(saved, Date.now());
      saved.textContent = ago((Date.now() - since.get(saved)) / 1000);
    }
  }, 1000);

  const insert = (field, text) => {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const upgrade = () => {
    for (const chip of document.querySelectorAll("[data-insertable] code")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "chip";
      button.textContent = chip.textContent;
      chip.replaceWith(button);
    }
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-insertable] button");
    if (!button) return;
    const id = button.closest("[data-insertable]").dataset.insertable;
    insert(document.getElementById(id), button.textContent);
  });

  const followed = new WeakSet();
  const toEnd = () => {
    const turns = document.querySelector("[data-preview] .preview-turns");
    if (!turns || followed.has(turns)) return;
    followed.add(turns);
    let isAtEnd = true;
    turns.addEventListener("scroll", () => {
      isAtEnd = turns.scrollHeight - turns.scrollTop - turns.clientHeight < 80;
    });
    new MutationObserver(() => {
      if (isAtEnd) turns.scrollTop = turns.scrollHeight;
    }).observe(turns, { childList: true, subtree: true, characterData: true });
  };

  document.addEventListener("htmx:afterSettle", () => {
    upgrade();
    toEnd();
  });
  upgrade();
})();
