// A field that takes scanned codes gets a camera beside it: each code is written into
// the field as a scanner would type it. Without this script, or without a camera, codes are typed or scanned by hand.
(function () {
  "use strict";
  var camera = window.keju.camera;
  if (!camera.possible) { return; }
  document.querySelectorAll("[data-camera].scan").forEach(function (field) {
    var button = document.createElement("button"), video = document.createElement("video"), viewed = {};
    button.type = "button";
    button.className = "btn";
    button.textContent = field.dataset.camera;
    video.muted = true;
    video.hidden = true;
    video.className = "scan-video";
    video.setAttribute("playsinline", "");
    field.insertAdjacentElement("afterend", video);
    field.insertAdjacentElement("afterend", button);

    function take(code) {
      var at = Date.now();
      var again = at - (viewed[code] || 0) < 3000; // it is still in view
      viewed[code] = at;
      if (again) { return; }
      field.value += (field.value && !/\s$/.test(field.value) ? " " : "") + code + (field.rows ? "\n" : " ");
      field.scrollTop = field.scrollHeight;
      if (navigator.vibrate) { navigator.vibrate(80); }
    }
    button.addEventListener("click", function () {
      button.hidden = true;
      video.hidden = false;
      Promise.all([camera.reader(), camera.open(video)]).then(function (ready) {
        (function look() {
          ready[0].detect(video).then(function (codes) {
            codes.forEach(function (one) { take(one.rawValue.trim()); });
          }, function () {}).then(function () { setTimeout(look, 60); });
        })();
      }, function (error) {
        button.hidden = false;
        video.hidden = true;
        button.textContent = String(error);
      });
    });
  });
})();
