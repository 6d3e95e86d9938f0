// Follows running answers: status words, text as it is written, then the finished answer.
"use strict";

(() => {
  // Waits before a stream that was refused is asked for again: a minute in all.
  const PATIENCE_MS = [1000, 2000, 4000, 8000, 15000, 30000];
  const followed = new Map();
  const nearEnd = () =>
    document.documentElement.scrollHeight - window.scrollY - window.innerHeight < 120;
  // Beside a form it is not the page that scrolls.
  const toEnd = () => {
    if (document.querySelector("[data-preview]")) return;
    window.scrollTo({ top: document.documentElement.scrollHeight });
  };

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
    answer.querySelector(".working")?.remove();
    answer.querySelector(".post-button")?.remove();
  };

  const follow = (answer, refusals = 0) => {
    if (followed.has(answer)) return;
    const source = new EventSource(answer.dataset.events);
    followed.set(answer, source);
    const status = answer.querySelector(".status");
    const text = answer.querySelector(".streamed");
    answer.dataset.step ??= status.textContent;
    const heard = (event) => {
      refusals = 0;
      const address = new URL(answer.dataset.events, location.href);
      address.searchParams.set("after", event.lastEventId);
      answer.dataset.events = address.href;
    };

    source.addEventListener("status", (event) => {
      heard(event);
      answer.dataset.step = status.textContent = JSON.parse(event.data);
    });
    source.addEventListener("open", () => {
      status.textContent = answer.dataset.step;
    });
    source.addEventListener("delta", (event) => {
      heard(event);
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
        if (finished) window.htmx?.process(finished);
        document.dispatchEvent(new CustomEvent("stoa:answered", { detail: finished }));
      });
    };
    source.addEventListener("message", finish);
    source.addEventListener("failed", finish);
    source.addEventListener("error", () => {
      if (!followed.has(answer)) return;
      // While it is CONNECTING the browser itself asks again, from the last event.
      if (source.readyState !== EventSource.CLOSED) {
        status.textContent = answer.dataset.broken;
        return;
      }
      followed.delete(answer);
      // Refused: the browser itself does not ask again, though a busy server soon answers.
      if (refusals < PATIENCE_MS.length) {
        setTimeout(() => {
          if (answer.isConnected && answer.hasAttribute("aria-busy")) follow(answer, refusals + 1);
        }, PATIENCE_MS[refusals]);
      } else {
        status.textContent = answer.dataset.lost;
      }
    });
  };

  // Seconds since the question: those of the server, and from then on our own.
  const tick = () => {
    for (const elapsed of document.querySelectorAll(".running .elapsed")) {
      elapsed.dataset.began ??= Date.now() - 1000 * elapsed.dataset.seconds;
      const seconds = Math.floor((Date.now() - elapsed.dataset.began) / 1000);
      elapsed.textContent = elapsed.dataset.words.split("{seconds}").join(seconds);
    }
  };

  const followAll = () => {
    for (const answer of document.querySelectorAll("[data-events][aria-busy]")) follow(answer);
    tick();
  };

  document.addEventListener("htmx:afterSettle", (event) => {
    followAll();
    // Files that are being read are asked for each second: whoever reads above stays there.
    if (!event.target.closest?.(".composer")) toEnd();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelector(".answer.running .post-button button")?.click();
  });
  window.addEventListener("pagehide", () => {
    for (const source of followed.values()) source.close();
  });

  setInterval(tick, 1000);
  followAll();
  if (!location.hash || location.hash === "#latest") toEnd();
})();
