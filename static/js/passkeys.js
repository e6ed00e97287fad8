// Passkeys: asks the browser to make one or to sign with one, and sends what it says in the form's own field.
"use strict";

(() => {
  const forms = document.querySelectorAll("form[data-passkey]");
  const isAble = window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON;
  // Browsers keep passkeys for names alone.
  const hasName = !/^[\d.]+$|^\[/.test(location.hostname);

  for (const form of forms) {
    const unnamed = form.querySelector("[data-unnamed]");
    if (unnamed && !hasName) unnamed.hidden = false;
    if (!isAble || !hasName) continue;
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      sign(form);
    });
  }

  async function sign(form) {
    const trouble = form.querySelector("[data-trouble]");
    trouble.hidden = true;
    try {
      const options = (await optionsFor(form)).publicKey;
      const credential =
        form.dataset.passkey === "create"
          ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
          : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.elements.credential.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch (error) {
      // Somebody closed the browser's dialog, or it has no passkey for this portal.
      trouble.hidden = false;
      delete form.dataset.sent;
    }
  }

  async function optionsFor(form) {
    if (form.dataset.passkey !== "ask") return JSON.parse(document.getElementById("passkey-options").textContent);
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()).request_options;
  }
})();
