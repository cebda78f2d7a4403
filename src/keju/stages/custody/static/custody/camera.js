// A field that takes scanned codes gets a camera beside it, where the browser can read barcodes: each code is written into
// the field as a scanner would type it. Without this script, or without a camera, codes are typed or scanned by hand.
(function () {
  "use strict";
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) { return; }
  document.querySelectorAll("[data-camera].scan").forEach(function (field) {
    var button = document.createElement("button"), video = document.createElement("video"), last = { code: "", at: 0 };
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
      if (code === last.code && at - last.at < 3000) { last.at = at; return; }
      last = { code: code, at: at };
      field.value += (field.value && !/\s$/.test(field.value) ? " " : "") + code + (field.rows ? "\n" : " ");
      field.scrollTop = field.scrollHeight;
      if (navigator.vibrate) { navigator.vibrate(80); }
    }
    button.addEventListener("click", function () {
      navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).then(function (stream) {
        var detector = new window.BarcodeDetector();
        button.hidden = true;
        video.hidden = false;
        video.srcObject = stream;
        video.play();
        (function look() {
          detector.detect(video).then(function (codes) {
            codes.forEach(function (one) { take(one.rawValue.trim()); });
          }, function () {}).then(function () { setTimeout(look, 120); });
        })();
      }, function (error) { button.textContent = String(error); });
    });
  });
})();
