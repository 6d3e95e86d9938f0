// Whole folders as knowledge: dropped on the form, or chosen with a button that only scripts can offer.
"use strict";

(() => {
  const MOST = 100; // what one form may carry

  const filesIn = async (entry) => {
    if (entry.isFile) return [await new Promise((found, lost) => entry.file(found, lost))];
    const reader = entry.createReader();
    const files = [];
    // A reader gives some entries at a time, and none at the end.
    for (;;) {
      const entries = await new Promise((found, lost) => reader.readEntries(found, lost));
      if (!entries.length) return files;
      for (const each of entries) {
        if (files.length >= MOST) return files;
        if (!each.name.startsWith(".")) files.push(...(await filesIn(each)));
      }
    }
  };

  const send = (form, files) => {
    const taken = new DataTransfer();
    for (const file of files.slice(0, MOST)) taken.items.add(file);
    form.querySelector("input[type=file][name=files]").files = taken.files;
    if (taken.files.length) form.requestSubmit();
  };

  const formOf = (event) => event.target.closest?.("[data-upload]");

  document.addEventListener("dragover", (event) => {
    const form = formOf(event);
    if (!form) return;
    event.preventDefault();
    form.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => formOf(event)?.classList.remove("dropping"));
  document.addEventListener("drop", async (event) => {
    const form = formOf(event);
    if (!form) return;
    event.preventDefault();
    form.classList.remove("dropping");
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry());
    const found = await Promise.all(entries.filter(Boolean).map(filesIn));
    send(form, found.flat());
  });

  const offer = () => {
    for (const label of document.querySelectorAll("[data-folder][hidden]")) {
      label.hidden = false;
      label.querySelector("button").addEventListener("click", () => {
        const chooser = document.createElement("input");
        chooser.type = "file";
        chooser.webkitdirectory = true;
        chooser.addEventListener("change", () => {
          const files = [...chooser.files].filter((file) => !file.name.startsWith("."));
          send(label.closest("form"), files);
        });
        chooser.click();
      });
    }
  };

  document.addEventListener("htmx:afterSettle", offer);
  offer();
})();
