// Counting at a handover: every code is kept on the device first and sent in batches, each with an id made here, so that it
// is applied once however often the network drops. Without this script the form below does the same by hand.
(function () {
  "use strict";
  var root = document.querySelector("[data-scanner]");
  if (!root) { return; }
  var word = root.dataset, reader = root.querySelector("[data-reader]"), say = root.querySelector("[data-say]");
  var alarm = root.querySelector("[data-alert]"), odd = root.querySelector("[data-odd]");
  var token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
  var rows = {}, seen = {}, found = 0, sending = false, wait = 500, viewed = {};
  document.querySelectorAll("tr[data-code]").forEach(function (row) {
    rows[row.dataset.code] = row;
    if (row.dataset.seen && row.dataset.seen !== "missing") { seen[row.dataset.code] = true; found += 1; }
  });
  var kept = read();
  kept.queue.concat.apply(kept.queue, kept.batches.map(function (b) { return b.scans; })).forEach(function (scan) {
    if (rows[scan[0]] && !seen[scan[0]]) { seen[scan[0]] = true; found += 1; }
  });

  function read() {
    try {
      var value = JSON.parse(localStorage.getItem(word.store) || "{}");
      return { queue: value.queue || [], batches: value.batches || [], refused: value.refused || [] };
    } catch (error) { return { queue: [], batches: [], refused: [] }; }
  }
  function keep() {
    try { localStorage.setItem(word.store, JSON.stringify(kept)); } catch (error) { alarm.textContent = String(error); }
  }
  function id() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    var hex = Array.prototype.map.call(bytes, function (b) { return (b + 256).toString(16).slice(1); }).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }
  function show() {
    var open = kept.queue.length + kept.batches.reduce(function (n, b) { return n + b.scans.length; }, 0);
    say.textContent = word.found + " " + found + " / " + word.expected + " · " + word.left + " " + (word.expected - found) +
      " · " + word.waiting + " " + open;
    root.dataset.open = open;
    root.dataset.count = found;
  }
  function name(code, text) {
    if (odd.firstChild && odd.firstChild.textContent === code + " " + text) { return; } // the server says what the page said
    var line = document.createElement("li");
    line.className = "note note-late";
    line.textContent = code + " " + text;
    odd.insertBefore(line, odd.firstChild);
    if (navigator.vibrate) { navigator.vibrate(400); }
  }
  function take(text, fromCamera) {
    var code = text.toUpperCase().replace(/[^0-9A-Z]/g, ""), at = Date.now();
    var again = fromCamera && at - (viewed[code] || 0) < 3000; // it is still in view: several may be at once
    if (fromCamera) { viewed[code] = at; }
    if (!code || again) { return; }
    if (!rows[code]) { name(code, word.stray); }
    else if (seen[code]) { name(code, word.twice); }
    else { seen[code] = true; found += 1; rows[code].dataset.seen = "intact"; }
    kept.queue.push([code, at]);
    keep();
    show();
    if (kept.queue.length >= 100) { send(); }
  }
  function send() {
    if (sending) { return; }
    if (!kept.batches.length && kept.queue.length) {
      kept.batches.push({ key: id(), scans: kept.queue.splice(0, 200) });
      keep();
    }
    if (!kept.batches.length) { return; }
    var batch = kept.batches[0], body = new URLSearchParams();
    body.set("csrfmiddlewaretoken", token);
    body.set("key", batch.key);
    body.set("scans", JSON.stringify(batch.scans));
    sending = true;
    fetch(word.url, { method: "POST", body: body, credentials: "same-origin", redirect: "error" }).then(function (answer) {
      if (answer.status >= 500) { throw new Error(String(answer.status)); }
      return answer.json().catch(function () { return { refused: [String(answer.status)] }; }).then(function (data) {
        kept.batches.shift();
        if (data.found) {
          alarm.textContent = "";
          data.found.forEach(function (one) {
            if (one[1] !== "expected" && one[1] !== "rejudged" && !(one[1] === "again" && seen[one[0]])) { name(one[0], one[2]); }
          });
        } else {
          kept.refused.push(batch);
          alarm.textContent = word.refused + ": " + (data.refused || []).join(" ");
        }
        keep();
        wait = 500;
      });
    }).catch(function () {
      alarm.textContent = word.offline;
      wait = Math.min(wait * 2, 15000);
    }).then(function () {
      sending = false;
      show();
    });
  }
  reader.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" && event.key !== "Tab") { return; }
    if (!reader.value) { return; }
    event.preventDefault();
    take(reader.value, false);
    reader.value = "";
  });
  root.querySelector("[data-refresh]").addEventListener("click", function () { location.reload(); });
  (function loop() { send(); setTimeout(loop, wait); })();
  root.hidden = false;
  show();
  if (window.matchMedia && matchMedia("(pointer: fine)").matches) { reader.focus(); }

  var button = root.querySelector("[data-camera]"), video = root.querySelector("[data-video]"), camera = window.keju.camera;
  if (!camera.possible) { return; }
  button.hidden = false;
  button.addEventListener("click", function () {
    button.hidden = true;
    video.hidden = false;
    Promise.all([camera.reader(), camera.open(video)]).then(function (ready) {
      video.scrollIntoView({ block: "center" });
      (function look() {
        ready[0].detect(video).then(function (codes) {
          codes.forEach(function (one) { take(one.rawValue, true); });
        }, function () {}).then(function () { setTimeout(look, 60); });
      })();
    }, function (error) {
      button.hidden = false;
      video.hidden = true;
      alarm.textContent = word.cameraOff + " " + String(error);
    });
  });
})();
