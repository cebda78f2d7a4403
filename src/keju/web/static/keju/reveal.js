// A button beside each password that shows what is typed. Without this file the field stays as it is.
(function () {
  "use strict";
  document.querySelectorAll("input[type=password][data-show]").forEach(function (input) {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-quiet reveal";
    button.setAttribute("aria-controls", input.id);
    function say(shown) {
      input.type = shown ? "text" : "password";
      button.textContent = shown ? input.dataset.hide : input.dataset.show;
    }
    button.addEventListener("click", function () { say(input.type === "password"); input.focus(); });
    // Sent hidden, so that no browser keeps it among the words typed before.
    if (input.form) { input.form.addEventListener("submit", function () { say(false); }); }
    say(false);
    input.insertAdjacentElement("afterend", button);
  });
})();
