// Passkeys: shows the forms that need them, asks the device, and sends its answer as an ordinary form.
(function () {
  "use strict";
  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (c) { return c.charCodeAt(0); });
  }
  function text(buffer) {
    var plain = "";
    new Uint8Array(buffer).forEach(function (b) { plain += String.fromCharCode(b); });
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  // The options as the device wants them: what is binary stands in base64url.
  function options(told) {
    told.challenge = bytes(told.challenge);
    if (told.user) { told.user.id = bytes(told.user.id); }
    ["excludeCredentials", "allowCredentials"].forEach(function (list) {
      (told[list] || []).forEach(function (one) { one.id = bytes(one.id); });
    });
    return { publicKey: told };
  }
  function answer(key) {
    var said = { clientDataJSON: text(key.response.clientDataJSON) };
    ["attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (part) {
      if (key.response[part]) { said[part] = text(key.response[part]); }
    });
    return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response: said });
  }
  function fits(domain) {
    return location.hostname === domain || location.hostname.endsWith("." + domain);
  }
  document.querySelectorAll("form[data-passkey]").forEach(function (form) {
    var act = form.dataset.passkey, wrong = form.querySelector("[data-passkey-error]"), busy = false;
    if (!window.PublicKeyCredential || !window.isSecureContext || !fits(form.dataset.domain)) { return; }
    form.hidden = false;
    document.querySelectorAll("[data-passkey-missing]").forEach(function (note) { note.hidden = true; });
    function failed(words) {
      busy = false;
      wrong.textContent = words;
      wrong.hidden = false;
      wrong.focus();
    }
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      if (busy) { return; }
      busy = true;
      wrong.hidden = true;
      fetch(form.dataset.begin, { method: "POST", body: new FormData(form), credentials: "same-origin" })
        .then(function (said) { return said.json(); })
        .then(function (told) {
          if (told.error) { failed(told.error); return null; }
          return navigator.credentials[act](options(told));
        })
        .then(function (key) {
          if (!key) { return; }
          form.elements.answer.value = answer(key);
          if (form.elements.password) { form.elements.password.value = ""; }
          form.submit();
        })
        .catch(function () { failed(form.dataset.failed); });
    });
  });
})();
