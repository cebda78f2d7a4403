"""The reader of labels for browsers that have none: what stands on a label, whichever way it is held, or nothing."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from playwright.sync_api import sync_playwright

from keju.stages.custody.rules.containers import Kind, code

SCRIPT = Path(__file__).parents[1] / "static/custody/bars.js"
READ = """([rows, scale, turn]) => rows.map(row => {
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
  canvas.width = canvas.height = 800;
  pen.fillStyle = "#777"; pen.fillRect(0, 0, 800, 800);
  pen.translate(400, 400); pen.rotate(turn * Math.PI / 180); pen.translate(-row.length * scale / 2, -60);
  row.forEach((grey, n) => { pen.fillStyle = grey ? "#ddd" : "#222"; pen.fillRect(n * scale, 0, scale + 0.5, 120); });
  return window.keju.camera.read(pen.getImageData(0, 0, 800, 800), 0);
})"""


def bars(text: str) -> list[int]:
    """The modules of its Code 128, 0 for dark."""
    drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128).to_image(
        scale=1, add_quiet_zones=True, add_hrt=False
    )
    return [int(value) // 255 for value in np.asarray(drawn)[0]]


@pytest.mark.browser
@pytest.mark.nightly
def test_labels_are_read_held_any_way_and_a_damaged_one_says_nothing() -> None:
    codes = [code(kind, 7_654_321 * (n + 1) % 9_999_991) for n, kind in enumerate([*Kind] * 8)]
    rows = [bars(text) for text in codes]
    wrong = [bars(text[:-1] + ("A" if text[-1] != "A" else "B")) for text in codes]
    with sync_playwright() as playwright:
        path = os.environ.get("KEJU_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path or None, args=["--no-sandbox"])
        page = browser.new_page()
        page.add_script_tag(path=str(SCRIPT))
        for turn in (0, 3, 90, 180, 270):
            assert page.evaluate(READ, [rows, 3.4, turn]) == [[text] for text in codes], turn
        assert page.evaluate(READ, [wrong, 3.4, 0]) == [[]] * len(wrong)  # whose own check does not fit
        halves = [row[::2] for row in rows]
        assert page.evaluate(READ, [halves, 3.4, 0]) == [[]] * len(rows)
        browser.close()
