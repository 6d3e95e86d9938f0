// Follows running answers: status words, text as it is written, then the finished answer.
"use strict";

(() => {
  const followed = new Map();
  const nearEnd = () =>
    document.documentElement.scrollHeight - window.scrollY - window.innerHeight < 120;
  const toEnd = () => window.scrollTo({ top: document.documentElement.scrollHeight });

  // The page keeps to the end only for a reader who is there.
  const keepingPlace = (change) => {
    const wasNearEnd = nearEnd();
    change();
    if (wasNearEnd) toEnd();
  };

  const end = (answer) => {
    followed.get(answer)?.close();
    followed.delete(answer);
    answer.removeAttribute("aria-busy");
    answer.classList.remove("running");
    answer.querySelector(".status")?.remove();
    answer.querySelector(".post-button")?.remove();
  };

  const follow = (answer) => {
    if (followed.has(answer)) return;
    const source = new EventSource(answer.dataset.events);
    followed.set(answer, source);
    const status = answer.querySelector(".status");
    const text = answer.querySelector(".streamed");

    source.addEventListener("status", (event) => {
      status.textContent = JSON.parse(event.data);
    });
    source.addEventListener("delta", (event) => {
      keepingPlace(() => text.append(JSON.parse(event.data)));
    });
    const finish = (event) => {
      keepingPlace(() => {
        end(answer);
        // Made and escaped by our own server, in the template that a reload would use.
        const template = document.createElement("template");
        template.innerHTML = JSON.parse(event.data);
        const finished = template.content.querySelector("article");
        if (finished) answer.replaceWith(template.content);
        else answer.append(template.content);
        document.dispatchEvent(new CustomEvent("stoa:answered", { detail: finished }));
      });
    };
    source.addEventListener("message", finish);
    source.addEventListener("failed", finish);
    source.addEventListener("error", () => {
      // While it is CONNECTING the browser itself asks again, from the last event.
      if (source.readyState !== EventSource.CLOSED || !followed.has(answer)) return;
      followed.delete(answer);
      status.textContent = answer.dataset.lost;
    });
  };

  const followAll = () => {
    for (const answer of document.querySelectorAll("[data-events][aria-busy]")) follow(answer);
  };

  document.addEventListener("htmx:afterSettle", () => {
    followAll();
    toEnd();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelector(".answer.running .post-button button")?.click();
  });
  window.addEventListener("pagehide", () => {
    for (const source of followed.values()) source.close();
  });

  followAll();
  if (!location.hash || location.hash === "#latest") toEnd();
})();
