// Comfort only: frame, crop and compress the photo before it is sent. The server examines whatever arrives.
(function () {
  "use strict";
  var form = document.querySelector("[data-photo]");
  var studio = form && form.querySelector("[data-studio]");
  if (!studio || !window.HTMLCanvasElement || !window.DataTransfer) { return; }
  var words = studio.dataset, W = +form.dataset.width, H = +form.dataset.height;
  var least = form.dataset.minKb * 1024, most = form.dataset.maxKb * 1024;
  var input = form.querySelector("input[type=file]");
  var stream = null, picture = null, view = { x: 0, y: 0, zoom: 1 };

  function make(tag, name, text) {
    var found = document.createElement(tag);
    if (name) { found.className = name; }
    if (text) { found.textContent = text; }
    return found;
  }
  var frame = make("div", "photo-frame"), guide = make("div", "photo-guide"), canvas = make("canvas");
  var video = make("video"), said = make("p", "m-0"), buttons = make("div", "row-line");
  var start = make("button", "btn", words.start), shoot = make("button", "btn btn-primary", words.shoot), stop = make("button", "btn", words.stop);
  var zoom = make("input");
  zoom.type = "range"; zoom.min = "1"; zoom.max = "4"; zoom.step = "0.02"; zoom.value = "1";
  zoom.setAttribute("aria-label", words.zoom);
  [start, shoot, stop].forEach(function (b) { b.type = "button"; });
  video.muted = true; video.playsInline = true;
  canvas.width = W; canvas.height = H;
  said.setAttribute("role", "status");
  frame.append(canvas, guide);
  buttons.append(start);
  studio.append(frame, zoom, said, buttons);
  studio.hidden = false;
  frame.hidden = zoom.hidden = true;

  var TRIES = 7;
  function paint(to, times) {
    var scale = Math.max(W / picture.width, H / picture.height) * view.zoom;
    var pen = to.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.drawImage(picture, view.x * times, view.y * times, picture.width * scale * times, picture.height * scale * times);
  }
  function draw() {
    if (!picture) { return; }
    var scale = Math.max(W / picture.width, H / picture.height) * view.zoom;
    view.x = Math.min(0, Math.max(W - picture.width * scale, view.x));
    view.y = Math.min(0, Math.max(H - picture.height * scale, view.y));
    paint(canvas, 1);
  }
  function zoomTo(wanted) {
    var before = view.zoom;
    view.zoom = Math.min(4, Math.max(1, wanted));
    view.x = W / 2 - (W / 2 - view.x) * view.zoom / before;
    view.y = H / 2 - (H / 2 - view.y) * view.zoom / before;
    zoom.value = String(view.zoom);
    draw();
  }

  // The best quality that still fits between the law's two sizes: the highest, else found by halving.
  function fit(from, then) {
    from.toBlob(function (blob) {
      if (blob.size <= most) { then(blob); } else { halve(from, 0.3, 1, TRIES, null, then); }
    }, "image/jpeg", 1);
  }
  function halve(from, low, high, tries, best, then) {
    if (!tries) { then(best); return; }
    var middle = (low + high) / 2;
    from.toBlob(function (blob) {
      if (blob.size <= most) { halve(from, middle, high, tries - 1, blob, then); } else { halve(from, low, middle, tries - 1, best, then); }
    }, "image/jpeg", middle);
  }
  // A picture too plain to fill the smallest file at the recommended size fills it at a larger one of the same shape.
  function larger(times) {
    var made = make("canvas");
    made.width = W * times; made.height = H * times;
    paint(made, times);
    return made;
  }
  var asked = 0;
  function hand(times) {
    var mine = ++asked;
    times = times || 1;
    fit(times === 1 ? canvas : larger(times), function (blob) {
      if (mine !== asked) { return; } // moved on in the meantime
      if (blob && blob.size < least && times < 3) { hand(times + 1); return; }
      if (!blob || blob.size < least) { said.textContent = words.unfit; return; }
      var carried = new DataTransfer();
      carried.items.add(new File([blob], "photo.jpg", { type: "image/jpeg" }));
      input.files = carried.files;
      said.textContent = words.fits.replace("{kb}", (blob.size / 1024).toFixed(1));
    });
  }
  function show(source) {
    picture = source;
    view = { x: 0, y: 0, zoom: 1 };
    zoom.value = "1";
    var scale = Math.max(W / source.width, H / source.height);
    view.x = (W - source.width * scale) / 2;
    view.y = (H - source.height * scale) / 2;
    frame.hidden = zoom.hidden = false;
    canvas.hidden = false;
    draw();
    hand();
  }
  function close() {
    if (stream) { stream.getTracks().forEach(function (track) { track.stop(); }); }
    stream = null;
    video.remove();
    shoot.remove(); stop.remove();
    start.textContent = picture ? words.again : words.start;
    buttons.append(start);
    canvas.hidden = false;
    frame.hidden = zoom.hidden = !picture;
  }

  start.addEventListener("click", function () {
    if (!navigator.mediaDevices) { said.textContent = words.noCamera; return; }
    navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: { ideal: 1280 } }, audio: false }).then(function (given) {
      stream = given;
      video.srcObject = given;
      canvas.hidden = true;
      frame.prepend(video);
      frame.hidden = false; zoom.hidden = true;
      start.remove();
      buttons.append(shoot, stop);
      said.textContent = "";
      return video.play();
    }).catch(function () { said.textContent = words.noCamera; });
  });
  shoot.addEventListener("click", function () {
    var taken = make("canvas");
    taken.width = video.videoWidth; taken.height = video.videoHeight;
    taken.getContext("2d").drawImage(video, 0, 0);
    picture = taken;
    close();
    show(taken);
  });
  stop.addEventListener("click", close);
  input.addEventListener("change", function () {
    var file = input.files[0];
    // A file that already fits goes as it is; what is too large or of another shape is framed here.
    if (!file || !/^image\//.test(file.type)) { return; }
    createImageBitmap(file).then(function (bitmap) {
      var ratio = bitmap.height / bitmap.width;
      if (file.type === "image/jpeg" && file.size >= least && file.size <= most && Math.abs(ratio - H / W) < 0.04) { return; }
      show(bitmap);
    }).catch(function () { said.textContent = words.notShown; });
  });
  zoom.addEventListener("input", function () { zoomTo(+zoom.value); });
  zoom.addEventListener("change", function () { hand(); });

  // Moved by finger or mouse, zoomed by two fingers or the wheel; both by keys.
  var held = {}, apart = 0;
  function fingers() { return Object.keys(held).map(function (id) { return held[id]; }); }
  function distance() {
    var two = fingers();
    return two.length === 2 ? Math.hypot(two[0].x - two[1].x, two[0].y - two[1].y) : 0;
  }
  function ratio() { return W / canvas.getBoundingClientRect().width; }
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", words.move);
  canvas.addEventListener("pointerdown", function (event) {
    held[event.pointerId] = { x: event.clientX, y: event.clientY };
    apart = distance();
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", function (event) {
    var last = held[event.pointerId];
    if (!last) { return; }
    held[event.pointerId] = { x: event.clientX, y: event.clientY };
    var now = distance();
    if (now && apart) { zoomTo(view.zoom * now / apart); apart = now; return; }
    view.x += (event.clientX - last.x) * ratio();
    view.y += (event.clientY - last.y) * ratio();
    draw();
  });
  ["pointerup", "pointercancel"].forEach(function (name) {
    canvas.addEventListener(name, function (event) {
      if (!held[event.pointerId]) { return; }
      delete held[event.pointerId];
      apart = distance();
      if (!fingers().length) { hand(); }
    });
  });
  var turned = 0;
  canvas.addEventListener("wheel", function (event) {
    event.preventDefault();
    zoomTo(view.zoom * (event.deltaY < 0 ? 1.06 : 1 / 1.06));
    clearTimeout(turned);
    turned = setTimeout(function () { hand(); }, 200);
  }, { passive: false });
  canvas.addEventListener("keydown", function (event) {
    var moves = { ArrowLeft: [-6, 0], ArrowRight: [6, 0], ArrowUp: [0, -6], ArrowDown: [0, 6] };
    var zooms = { "+": 1.06, "=": 1.06, "-": 1 / 1.06 };
    if (moves[event.key]) {
      view.x += moves[event.key][0]; view.y += moves[event.key][1];
      draw();
    } else if (zooms[event.key]) {
      zoomTo(view.zoom * zooms[event.key]);
    } else { return; }
    event.preventDefault();
    clearTimeout(turned);
    turned = setTimeout(function () { hand(); }, 200);
  });
})();
