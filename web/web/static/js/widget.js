// The widget, for pages of other web sites:
//   <script src="https://stoa.example/widget.js" data-key="pk-stoa-…" async></script>
// data-label: the button's words; data-side: "left" or "right". It puts a button and, on demand, a
// frame into the page; it reads nothing there, keeps nothing there, and asks no other server. Styles
// are set one by one, which a strict Content-Security-Policy lets through.
"use strict";

(() => {
  const script = document.currentScript;
  const key = script?.dataset.key;
  if (!key) return;
  const home = new URL(script.src).origin;
  const isChinese = document.documentElement.lang.toLowerCase().startsWith("zh");
  const label = script.dataset.label || (isChinese ? "提问" : "Ask a question");
  const closing = isChinese ? "关闭" : "Close";
  const side = script.dataset.side === "left" ? "left" : "right";
  const FLOAT = { position: "fixed", zIndex: "2147483000", [side]: "20px", boxSizing: "border-box" };

  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.setAttribute("aria-expanded", "false");
  Object.assign(button.style, FLOAT, {
    bottom: "20px",
    minHeight: "48px",
    maxWidth: "calc(100vw - 40px)",
    padding: "0 20px",
    border: "1px solid #faf8f4",
    borderRadius: "24px",
    background: "#1f2328",
    color: "#faf8f4",
    font: "600 15px/1.4 system-ui, sans-serif",
    boxShadow: "0 6px 24px rgb(31 35 40 / 25%)",
    cursor: "pointer",
  });

  let frame = null;
  const open = () => {
    if (!frame) {
      frame = document.createElement("iframe");
      frame.src = `${home}/widget/${encodeURIComponent(key)}`;
      frame.title = label;
      frame.referrerPolicy = "no-referrer";
      Object.assign(frame.style, FLOAT, {
        bottom: "80px",
        width: "min(400px, calc(100vw - 40px))",
        height: "min(640px, calc(100vh - 112px))",
        border: "1px solid #8d8878",
        borderRadius: "10px",
        background: "#faf8f4",
        boxShadow: "0 6px 24px rgb(31 35 40 / 25%)",
      });
      button.before(frame);
    }
    frame.style.display = "block";
    button.textContent = closing;
    button.setAttribute("aria-expanded", "true");
    frame.focus();
  };
  const close = () => {
    if (!frame || frame.style.display === "none") return;
    frame.style.display = "none";
    button.textContent = label;
    button.setAttribute("aria-expanded", "false");
    button.focus();
  };

  button.addEventListener("click", () => {
    if (button.getAttribute("aria-expanded") === "true") close();
    else open();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  // Keys pressed in the frame are heard there alone: it says when it wants to be closed.
  window.addEventListener("message", (event) => {
    if (frame && event.source === frame.contentWindow && event.data === "stoa:close") close();
  });
  document.body.append(button);
})();
