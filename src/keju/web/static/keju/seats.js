// Choosing two seats in the picture of a room fills the form beneath it. Without this file the form is typed into.
(function () {
  "use strict";
  var form = document.querySelector("form[data-seats-form]");
  var svg = form && document.getElementById(form.dataset.seatsForm);
  var say = document.querySelector("[data-seats-say]");
  if (!form || !svg || !say) { return; }
  var seats = Array.prototype.slice.call(svg.querySelectorAll("[data-seat]"));
  var chosen = [];

  function taken(seat) { return seat.hasAttribute("data-who"); }
  function words(name) {
    var numbers = chosen.map(function (seat) { return seat.dataset.seat; });
    return say.dataset[name].replace("{a}", numbers[0] || "").replace("{b}", numbers[1] || "");
  }
  function show() {
    seats.forEach(function (seat) {
      var place = chosen.indexOf(seat);
      seat.classList.toggle("is-first", place === 0);
      seat.classList.toggle("is-second", place === 1);
      seat.setAttribute("aria-pressed", place >= 0 ? "true" : "false");
    });
    say.textContent = words(!chosen.length ? "pick" : chosen.length < 2 ? "first" : taken(chosen[1]) ? "swap" : "move");
    form.elements.seat.value = chosen[0] ? chosen[0].dataset.seat : "";
    form.elements.to_seat.value = chosen[1] ? chosen[1].dataset.seat : "";
    if (chosen[1]) { form.elements.to_room.value = form.dataset.room; }
  }
  function choose(seat) {
    if (chosen.indexOf(seat) >= 0) {
      chosen.splice(chosen.indexOf(seat), 1);
      if (chosen[0] && !taken(chosen[0])) { chosen = []; }
    } else if (!chosen.length || chosen.length === 2) {
      if (!taken(seat)) { return; }
      chosen = [seat];
    } else {
      chosen.push(seat);
    }
    show();
    if (chosen.length === 2) { form.elements.reason.focus(); }
  }
  // The next seat in that direction, in the same column or row where there is one.
  function beside(seat, columns, rows) {
    var column = Number(seat.dataset.column), row = Number(seat.dataset.row), best = null, least = Infinity;
    seats.forEach(function (other) {
      var dx = Number(other.dataset.column) - column, dy = Number(other.dataset.row) - row;
      var along = columns ? dx * columns : dy * rows, off = Math.abs(columns ? dy : dx);
      if (along > 0 && along + 10 * off < least) { best = other; least = along + 10 * off; }
    });
    return best;
  }
  var ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  // One seat is in the order of the tab key, arrows go to the others.
  function focus(seat) {
    seats.forEach(function (other) { other.setAttribute("tabindex", other === seat ? "0" : "-1"); });
    seat.focus();
  }
  svg.setAttribute("role", "group");
  seats.forEach(function (seat, place) {
    seat.setAttribute("tabindex", place ? "-1" : "0");
    seat.setAttribute("role", "button");
    seat.setAttribute("aria-label", seat.querySelector("title").textContent);
    seat.addEventListener("keydown", function (event) {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(seat); }
      if (event.key === "Escape") { chosen = []; show(); }
      var way = ways[event.key];
      var next = way && beside(seat, way[0], way[1]);
      if (way) { event.preventDefault(); }
      if (next) { focus(next); }
    });
  });

  // A press and a release on one seat choose it; on two, the one goes to the other.
  var pressed = null;
  function under(event) {
    var hit = document.elementFromPoint(event.clientX, event.clientY);
    return hit && hit.closest("[data-seat]");
  }
  svg.addEventListener("pointerdown", function (event) {
    pressed = event.target.closest("[data-seat]");
    if (pressed && event.pointerType === "mouse") { event.preventDefault(); pressed.focus({ preventScroll: true }); }
  });
  document.addEventListener("pointerup", function (event) {
    var from = pressed, to = under(event);
    pressed = null;
    if (!from || !to || !svg.contains(to)) { return; }
    if (from === to) { choose(from); return; }
    if (!taken(from)) { return; }
    chosen = [from];
    choose(to);
  });
  document.addEventListener("pointercancel", function () { pressed = null; });
  show();
})();
