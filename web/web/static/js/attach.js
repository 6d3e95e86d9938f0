// Files for a conversation: the clip chooses them, and so does dropping them on the question field.
"use strict";

(() => {
  const formOf = (place) => place?.querySelector("[data-attach] form");

  const send = (form, files) => {
    const taken = new DataTransfer();
    for (const file of files) taken.items.add(file);
    form.querySelector("input[type=file]").files = taken.files;
    if (taken.files.length) form.requestSubmit();
  };

  document.addEventListener("click", (event) => {
    const clip = event.target.closest?.("[data-attach] summary");
    if (!clip) return;
    event.preventDefault();
    clip.parentElement.querySelector("input[type=file]").click();
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("[data-attach] form");
    if (form && event.target.files?.length) form.requestSubmit();
  });

  // The same files can be chosen again, and the clip is free for the next.
  const told = (form) => form.closest(".composer").querySelector("progress.sending");
  document.addEventListener("htmx:xhr:progress", (event) => {
    const form = event.target.closest?.("[data-attach] form");
    if (!form || !event.detail.lengthComputable) return;
    told(form).hidden = false;
    told(form).value = (event.detail.loaded / event.detail.total) * 100;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("[data-attach] form");
    if (!form) return;
    told(form).hidden = true;
    form.reset();
  });

  const composerOf = (event) => {
    const composer = event.target.closest?.(".composer");
    return formOf(composer) ? composer : null;
  };
  document.addEventListener("dragover", (event) => {
    const composer = composerOf(event);
    if (!composer) return;
    event.preventDefault();
    composer.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    composerOf(event)?.classList.remove("dropping");
  });
  document.addEventListener("drop", (event) => {
    const composer = composerOf(event);
    if (!composer) return;
    event.preventDefault();
    composer.classList.remove("dropping");
    send(formOf(composer), event.dataTransfer.files);
  });
})();
