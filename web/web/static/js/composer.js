// The question field: grows with its text up to eight lines, Enter sends, Shift+Enter breaks.
"use strict";

(() => {
  const fit = (field) => {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  };

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-composer]")) fit(event.target);
  });

  document.addEventListener("keydown", (event) => {
    // isComposing: Enter that ends a Chinese input method's choice is not "send".
    if (!event.target.matches?.("[data-composer]") || event.isComposing) return;
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    if (event.target.value.trim() && !event.target.form.querySelector("button").disabled) {
      event.target.form.requestSubmit();
    }
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    // What asked may be gone: then the event comes from what stood around it.
    const asked = event.detail.requestConfig.elt;
    if (!asked.querySelector("[data-composer]") || !event.detail.successful) return;
    const field = event.target.querySelector("[data-composer]");
    if (!field) return;
    field.value = "";
    fit(field);
    field.focus();
  });

  // htmx gives a new element the attributes of the old one of its id, and the policy lets nobody
  // write a style attribute.
  document.addEventListener("htmx:beforeSwap", (event) => {
    for (const field of event.detail.target.querySelectorAll("[data-composer]")) {
      field.removeAttribute("style");
    }
  });

  const first = document.querySelector("main.chat [data-composer]");
  if (first && matchMedia("(pointer: fine)").matches) first.focus({ preventScroll: true });
})();
