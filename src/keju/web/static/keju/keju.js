// Comfort only: every page works without this file.
(function () {
  "use strict";
  var root = document.documentElement;

  // Light and dark, kept on this machine.
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-theme-toggle]");
    if (!button) { return; }
    var next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    root.setAttribute("data-bs-theme", next);
    try { localStorage.setItem("keju-theme", next); } catch (e) { /* private window: for this page only */ }
  });

  // A greyed-out button explains itself and does nothing.
  document.addEventListener("click", function (event) {
    var dead = event.target.closest("[aria-disabled='true']");
    if (dead) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);

  // A form is sent once. The server holds against a second one too; this spares the doubt.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    var how = (event.submitter && event.submitter.getAttribute("formmethod")) || form.method;
    if (event.defaultPrevented || how !== "post" || form.hasAttribute("data-again")) { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    });
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    var form = event.target.closest && event.target.closest("form[data-sent]");
    if (form) { delete form.dataset.sent; form.removeAttribute("aria-busy"); }
  });

  // Drop-downs made of <details>: one open at a time, closed by Escape or a click elsewhere.
  function closeDrops(except) {
    document.querySelectorAll("details.drop[open]").forEach(function (drop) {
      if (drop !== except) { drop.open = false; }
    });
  }
  document.addEventListener("click", function (event) { closeDrops(event.target.closest("details.drop")); });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      var open = document.querySelector("details.drop[open]");
      closeDrops(null);
      if (open) { open.querySelector("summary").focus(); }
    }
    // "/" goes to the search box, as in most lists of the world.
    if (event.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && !event.target.isContentEditable) {
      var box = document.querySelector("[data-search]");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    }
  });

  // The summary of errors is what should be read first.
  var summary = document.querySelector("[data-error-summary]");
  if (summary) { summary.focus(); }

  // Filters apply when changed; without JavaScript there is a button.
  document.addEventListener("change", function (event) {
    var form = event.target.form;
    if (form && form.hasAttribute("data-auto") && event.target.tagName === "SELECT") { form.requestSubmit(); }
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) { window.print(); }
    if (event.target.closest("[data-back]")) { event.preventDefault(); history.back(); }
  });
})();
