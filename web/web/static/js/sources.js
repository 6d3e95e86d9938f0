// Citations: a chip opens its source, each lights the other, and on wide screens sources stand
// in the margin at the height of their sentence.
"use strict";

(() => {
  const wide = matchMedia("(min-width: 1180px)");
  const chipsOf = (source) => {
    const id = source.querySelector(".source-body").id;
    return document.querySelectorAll(`.cite [data-source="${CSS.escape(id)}"]`);
  };
  const sourceOf = (chip) => document.getElementById(chip.dataset.source)?.closest(".source");

  const light = (chip, on) => {
    sourceOf(chip)?.classList.toggle("lit", on);
    chip.classList.toggle("lit", on);
  };

  const place = (answer) => {
    const sources = [...answer.querySelectorAll(".source")];
    for (const source of sources) source.style.marginTop = "";
    if (!wide.matches) return;
    let free = 0;
    const top = answer.getBoundingClientRect().top;
    for (const source of sources) {
      const chip = chipsOf(source)[0];
      const wanted = chip ? chip.getBoundingClientRect().top - top - 8 : 0;
      const gap = Math.max(0, wanted - free);
      source.style.marginTop = `${gap}px`;
      free += gap + source.offsetHeight + 8;
    }
  };
  const placeAll = () => document.querySelectorAll(".answer").forEach(place);

  document.addEventListener("click", (event) => {
    const chip = event.target.closest?.(".cite a");
    const source = chip && sourceOf(chip);
    if (!source) return;
    event.preventDefault();
    source.open = true;
    place(source.closest(".answer"));
    source.scrollIntoView({ block: "nearest" });
    source.querySelector("summary").focus({ preventScroll: true });
  });

  for (const [name, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
    document.addEventListener(name, (event) => {
      const chip = event.target.closest?.(".cite a");
      if (chip) light(chip, on);
      const source = event.target.closest?.(".source");
      if (source) chipsOf(source).forEach((one) => light(one, on));
    });
  }

  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.(".source")) place(event.target.closest(".answer"));
  }, true);
  document.addEventListener("stoa:answered", (event) => event.detail && place(event.detail));
  wide.addEventListener("change", placeAll);
  window.addEventListener("load", placeAll);
})();
