// What pages gain when JavaScript is there: keys, menus that close, copying, dialogs. Nothing here is needed to work.
"use strict";

(() => {
  const typing = (element) => element.closest("input, textarea, select, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      const open = document.querySelector("details.menu[open]");
      if (open) {
        open.open = false;
        open.querySelector("summary").focus();
      }
      return;
    }
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!target) return;
    event.preventDefault();
    if (target.matches("input")) target.focus();
    else target.click();
  });

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    const copy = event.target.closest("[data-copy]");
    if (copy && navigator.clipboard) {
      navigator.clipboard.writeText(copy.dataset.copy).then(() => {
        copy.classList.add("is-done");
        announce(copy.dataset.copied);
        setTimeout(() => copy.classList.remove("is-done"), 1500);
      });
    }
    if (event.target.closest("[data-print]")) window.print();
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) dismiss.closest(dismiss.dataset.dismiss).remove();
    const close = event.target.closest("dialog [data-close]");
    if (close) {
      event.preventDefault();
      close.closest("dialog").close();
    }
  });

  function announce(words) {
    const live = document.getElementById("announce");
    if (live && words) live.textContent = words;
  }

  // A question that has its own page opens as a dialog over this one.
  document.addEventListener("htmx:afterSwap", (event) => {
    const dialog = event.target.closest("dialog");
    if (dialog && !dialog.open) dialog.showModal();
  });

  // A refused form comes back as 422 with its errors; it is shown like any other answer.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 422) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });

  // A form is sent once.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  const summary = document.querySelector(".summary");
  if (summary) summary.focus();
})();
