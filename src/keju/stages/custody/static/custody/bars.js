// Reads containers' codes from a camera's video. Where the browser has no reader of its own (most have none) this is one for
// Code 128: lines across and down the picture, both ways along each; a code counts only if its own check (modulo 103) and the
// container's (ISO 7064 mod 37,36) agree, so that a misread one is none.
(function () {
  "use strict";
  var TABLE = ("212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221" +
    "223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321112313" +
    "132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131311123311321" +
    "331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114122411142112142211" +
    "241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141214121412121111143111341" +
    "131141114113114311411113411311113141114131311141411131211412211214211232233111").match(/.{6}/g).map(function (widths) {
    return widths.split("").map(Number);
  });
  var START_B = 104, START_C = 105, TO_C = 99, TO_B = 100, STOP = 106, LINES = 24, OFF = 2.4;
  var SLOPES = [0, 0.12, 0, -0.12, 0, 0.26, 0, -0.26]; // a label is seldom held straight: a slope each picture
  var DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

  // Edges along a line of greys, where it crosses the middle between the darkest and lightest nearby, to a part of a pixel.
  function runs(line, count) {
    var reach = Math.max(12, count >> 7), low = new Float32Array(count), high = new Float32Array(count), i, j;
    for (i = 0; i < count; i += 4) {
      var least = 255, most = 0;
      for (j = Math.max(0, i - reach); j < Math.min(count, i + reach); j += 1) {
        if (line[j] < least) { least = line[j]; }
        if (line[j] > most) { most = line[j]; }
      }
      for (j = i; j < Math.min(count, i + 4); j += 1) { low[j] = least; high[j] = most; }
    }
    var found = [], dark = false, at = 0;
    for (i = 1; i < count; i += 1) {
      var cut = (low[i] + high[i]) / 2;
      if (high[i] - low[i] < 24) { continue; }
      if ((line[i] < cut) !== dark) {
        var step = line[i] - line[i - 1], edge = step ? i - 1 + Math.min(1, Math.max(0, (cut - line[i - 1]) / step)) : i;
        found.push(edge - at);
        at = edge;
        dark = !dark;
      }
    }
    found.push(count - at);
    return found; // the first is light
  }
  // The value whose six widths are nearest; -1 if none is near.
  function value(found, at) {
    var total = 0, k;
    for (k = 0; k < 6; k += 1) { total += found[at + k]; }
    var best = -1, least = OFF;
    for (var n = 0; n < TABLE.length; n += 1) {
      var off = 0, one = TABLE[n];
      for (k = 0; k < 6 && off < least; k += 1) { off += Math.abs(found[at + k] * 11 / total - one[k]); }
      if (off < least) { least = off; best = n; }
    }
    return best;
  }
  function text(values) {
    var sum = values[0], set = values[0], said = "", n;
    for (n = 1; n < values.length - 1; n += 1) { sum += n * values[n]; }
    if (sum % 103 !== values[values.length - 1]) { return ""; }
    for (n = 1; n < values.length - 1; n += 1) {
      var v = values[n];
      if (set === START_C) {
        if (v === TO_B) { set = START_B; } else if (v > 99) { return ""; } else { said += (v < 10 ? "0" : "") + v; }
      } else if (v === TO_C) { set = START_C; } else if (v > 95) { return ""; } else { said += String.fromCharCode(v + 32); }
    }
    return said;
  }
  function checks(code) {
    if (!/^[XPBSC][0-9]{7}[0-9A-Z]$/.test(code)) { return false; }
    var rest = 36;
    for (var n = 0; n < 8; n += 1) {
      rest = (rest + DIGITS.indexOf(code[n])) % 36 || 36;
      rest = rest * 2 % 37;
    }
    return (rest + DIGITS.indexOf(code[8])) % 36 === 1;
  }
  function along(found, into) {
    for (var at = 1; at + 19 < found.length; at += 2) {
      var first = value(found, at);
      if (first !== START_B && first !== START_C) { continue; }
      var values = [first], next = at + 6;
      while (next + 6 < found.length && values.length < 24) {
        var v = value(found, next);
        if (v === STOP) {
          var code = values.length > 3 ? text(values) : "";
          if (checks(code)) { into[code] = true; at = next; }
          break;
        }
        if (v < 0 || v > 102) { break; }
        values.push(v);
        next += 6;
      }
    }
  }
  // Every container's code in the picture (as `getImageData` gives it), each once, on lines of that slope.
  function read(picture, slope) {
    var data = picture.data, width = picture.width, height = picture.height, into = {};
    function grey(x, y) {
      var p = 4 * (y * width + x);
      return data[p] + 2 * data[p + 1] + data[p + 2];
    }
    // Lines along x (or, `down`, along y), each the mean of three neighbours, against the noise.
    function look(count, across, lines, down) {
      var line = new Float32Array(count);
      for (var n = 0; n < lines; n += 1) {
        var middle = (n + 0.5) * across / lines;
        for (var i = 0; i < count; i += 1) {
          var at = Math.round(middle + slope * (i - count / 2));
          at = at < 1 ? 1 : at > across - 2 ? across - 2 : at;
          line[i] = (down ? grey(at - 1, i) + grey(at, i) + grey(at + 1, i) : grey(i, at - 1) + grey(i, at) + grey(i, at + 1)) / 12;
        }
        var found = runs(line, count);
        along(found, into);
        found.reverse();
        if (found.length % 2 === 0) { found.unshift(0); }
        along(found, into);
      }
    }
    look(width, height, LINES, false);
    look(height, width, LINES, true);
    return Object.keys(into);
  }
  function own() {
    var turn = 0, canvas = document.createElement("canvas"), context = canvas.getContext("2d", { willReadFrequently: true });
    return {
      detect: function (video) {
        if (!video.videoWidth) { return Promise.resolve([]); }
        var scale = Math.min(1, 1280 / Math.max(video.videoWidth, video.videoHeight));
        canvas.width = Math.round(video.videoWidth * scale);
        canvas.height = Math.round(video.videoHeight * scale);
        context.drawImage(video, 0, 0, canvas.width, canvas.height);
        turn += 1;
        var picture = context.getImageData(0, 0, canvas.width, canvas.height);
        return Promise.resolve(read(picture, SLOPES[turn % SLOPES.length]).map(function (code) {
          return { rawValue: code };
        }));
      }
    };
  }
  // `reader()` promises `detect(video)`, which promises the codes seen now; `open(video)` starts the camera that looks away from
  // whoever holds it.
  window.keju = window.keju || {};
  window.keju.camera = {
    possible: Boolean(navigator.mediaDevices && navigator.mediaDevices.getUserMedia),
    read: read,
    reader: function () {
      if (!("BarcodeDetector" in window)) { return Promise.resolve(own()); }
      return window.BarcodeDetector.getSupportedFormats().then(function (formats) {
        return formats.indexOf("code_128") < 0 ? own() : new window.BarcodeDetector({ formats: ["code_128", "qr_code"].filter(
          function (format) { return formats.indexOf(format) >= 0; }) });
      }, own);
    },
    open: function (video) {
      var wanted = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
      return navigator.mediaDevices.getUserMedia({ video: wanted }).then(function (stream) {
        video.srcObject = stream;
        return video.play();
      });
    }
  };
})();
