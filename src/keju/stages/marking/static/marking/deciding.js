// Keys for deciding: A–E tick the options of the current question, 0 is blank, Enter goes to the next question.
(function () {
  "use strict";
  var places = Array.prototype.slice.call(document.querySelectorAll("[data-say]"));
  if (!places.length) { return; }
  var at = 0;
  function show(n) {
    places[at].classList.remove("say-current");
    at = Math.max(0, Math.min(places.length - 1, n));
    places[at].classList.add("say-current");
    places[at].scrollIntoView({ block: "center" });
  }
  places[0].classList.add("say-current");
  document.addEventListener("focusin", function (event) {
    var place = event.target.closest("[data-say]");
    if (place) { places[at].classList.remove("say-current"); at = places.indexOf(place); place.classList.add("say-current"); }
  });
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || /^(TEXTAREA|SELECT)$/.test(event.target.tagName)) { return; }
    if (event.target.tagName === "INPUT" && event.target.type !== "checkbox") { return; }
    var wanted = event.key === "0" ? "-" : event.key.toUpperCase();
    var box = places[at].querySelector("input[type=checkbox][value='" + (/^[A-Z-]$/.test(wanted) ? wanted : "none") + "']");
    if (box) {
      event.preventDefault();
      box.checked = !box.checked;
      places[at].querySelectorAll("input[type=checkbox]").forEach(function (other) {
        if (other !== box && (wanted === "-" || other.value === "-")) { other.checked = false; }
      });
    } else if (event.key === "Enter" && event.target.tagName !== "BUTTON" && at < places.length - 1) {
      event.preventDefault();
      show(at + 1);
    }
  });
})();
