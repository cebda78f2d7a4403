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

  function draw() {
    if (!picture) { return; }
    var scale = Math.max(W / picture.width, H / picture.height) * view.zoom;
    var wide = picture.width * scale, tall = picture.height * scale;
    view.x = Math.min(0, Math.max(W - wide, view.x));
    view.y = Math.min(0, Math.max(H - tall, view.y));
    var pen = canvas.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.drawImage(picture, view.x, view.y, wide, tall);
  }

  // The best quality that still fits between the law's two sizes, found by halving.
  function fit(low, high, tries, best, then) {
    canvas.toBlob(function (blob) {
      if (blob.size <= most) { best = blob; low = (low + high) / 2; } else { high = (low + high) / 2; }
      if (tries > 0) { fit(low, high, tries - 1, best, then); } else { then(best); }
    }, "image/jpeg", (low + high) / 2);
  }
  function hand() {
    fit(0.3, 1, 7, null, function (blob) {
      if (!blob) { return; }
      var carried = new DataTransfer();
      carried.items.add(new File([blob], "photo.jpg", { type: "image/jpeg" }));
      input.files = carried.files;
      said.textContent = blob.size >= least ? words.fits.replace("{kb}", (blob.size / 1024).toFixed(1)) : "";
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
  zoom.addEventListener("input", function () {
    var before = view.zoom;
    view.zoom = +zoom.value;
    view.x = W / 2 - (W / 2 - view.x) * view.zoom / before;
    view.y = H / 2 - (H / 2 - view.y) * view.zoom / before;
    draw();
  });
  zoom.addEventListener("change", hand);

  // Moved by finger or mouse, and by the arrow keys.
  var held = null;
  canvas.tabIndex = 0;
  canvas.addEventListener("pointerdown", function (event) { held = { x: event.clientX - view.x, y: event.clientY - view.y }; canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointermove", function (event) { if (held) { view.x = event.clientX - held.x; view.y = event.clientY - held.y; draw(); } });
  canvas.addEventListener("pointerup", function () { if (held) { held = null; hand(); } });
  canvas.addEventListener("keydown", function (event) {
    var moves = { ArrowLeft: [-6, 0], ArrowRight: [6, 0], ArrowUp: [0, -6], ArrowDown: [0, 6] };
    if (!moves[event.key]) { return; }
    event.preventDefault();
    view.x += moves[event.key][0]; view.y += moves[event.key][1];
    draw(); hand();
  });
})();
