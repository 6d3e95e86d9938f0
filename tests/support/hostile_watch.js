// What stands in the document that no text may become; see hostile_watch.py.
() => {
  const ELEMENTS = new Set([
    "iframe", "frame", "object", "embed", "applet", "base", "img", "video", "audio", "math",
    "portal", "marquee", "style", "foreignobject", "animate", "image",
  ]);
  const ATTRIBUTES = new Set(["style", "srcdoc", "srcset", "ping", "background", "poster"]);
  const ADDRESS =
    /^(?:href|src|action|formaction|xlink:href|data-events|hx-(?:get|post|put|delete|patch))$/;
  const isStatic = (address) => /^\/static\//.test(address || "");
  const isOurs = (address) => /^(?:[/?#]|$)/.test(address) && !/^\/[/\\]/.test(address);
  const found = [];
  const say = (what, element) => found.push(`${what}: ${element.outerHTML.slice(0, 160)}`);

  // Our own scripts place sources and let the question field grow.
  const isPlacing = (name, value) => name === "style" && /^(?:margin-top|height): [\w.]+;$/.test(value);

  // The one picture we show: a page of a document, from our own address.
  const isPagePicture = (element) =>
    element.localName === "img" &&
    /^\/chat\/passages\/[\w-]+\/pages\/\d+$/.test(element.getAttribute("src") || "") &&
    !element.hasAttribute("srcset");

  const attributes = (element) => {
    for (const { name: spelled, value } of element.attributes) {
      const name = spelled.toLowerCase();
      if (isPlacing(name, value)) continue;
      if (/^(?:on|hx-on|data-hx)/.test(name) || ATTRIBUTES.has(name)) say("attribute", element);
      if (!ADDRESS.test(name) || isOurs(value)) continue;
      // The one place with a link to elsewhere.
      const isTheWayOut = location.pathname === "/leave" && /noreferrer/.test(element.rel || "");
      if (!(isTheWayOut && name === "href")) say("address", element);
    }
  };

  for (const element of document.querySelectorAll("*")) {
    const tag = element.localName.toLowerCase();
    if (tag === "script" && !isStatic(element.getAttribute("src"))) say("script", element);
    if (tag === "link" && !isStatic(element.getAttribute("href"))) say("link", element);
    if (ELEMENTS.has(tag) && !isPagePicture(element)) say("element", element);
    if (tag === "meta" && /refresh/i.test(element.httpEquiv)) {
      if (!/^\d+; url=\/chat\//.test(element.content)) say("meta", element);
    }
    attributes(element);
  }
  return found;
}
