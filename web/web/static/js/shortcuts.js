// Single keys: / searches the chats, ? lists the shortcuts. Never while somebody types.
"use strict";

(() => {
  const SEARCH = "talk-query";
  const isTyping = (target) =>
    target.isContentEditable || Boolean(target.closest?.("input, textarea, select"));
  const focusSearch = () => {
    const field = document.getElementById(SEARCH);
    field?.focus();
    return Boolean(field);
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.defaultPrevented || isTyping(event.target)) return;
    if (event.key === "/") {
      event.preventDefault();
      if (!focusSearch()) location.assign(`/chat#${SEARCH}`);
    } else if (event.key === "?") {
      location.assign("/shortcuts");
    }
  });

  if (location.hash === `#${SEARCH}`) focusSearch();
})();
