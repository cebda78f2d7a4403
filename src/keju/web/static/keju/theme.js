// Runs before the first paint: the theme somebody chose, else the system's. Nothing flashes.
(function () {
  var root = document.documentElement;
  var system = window.matchMedia("(prefers-color-scheme: dark)");
  function chosen() {
    try { return localStorage.getItem("keju-theme"); } catch (e) { return null; }
  }
  function apply() {
    root.setAttribute("data-bs-theme", chosen() || (system.matches ? "dark" : "light"));
  }
  apply();
  root.classList.add("js");
  if (system.addEventListener) { system.addEventListener("change", apply); }
})();
