"""Data and template → PDF: the same bytes, readable words, no vanished character."""

import subprocess
import sys

import pypdfium2
import pytest
import zxingcpp

from keju.kernel.documents import codes, pictures
from keju.kernel.documents.fonts import check_glyphs, marked, missing_glyphs
from keju.kernel.documents.rendering import BrokenTemplate, render
from keju.kernel.documents.sources import template
from keju.kernel.documents.tests import sample

LOST = "\U000313a0"  # CJK extension H: not in the typeface


def pdf(data=None, files=None, **facts):
    return render(
        template=sample.TEMPLATE, data=data or sample.data(), files=files or sample.files(), **facts
    )


def text(content):
    document = pypdfium2.PdfDocument(content)
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def picture_of(content, scale=3):
    document = pypdfium2.PdfDocument(content)
    try:
        return document[0].render(scale=scale).to_pil()
    finally:
        document.close()


def test_the_same_input_is_the_same_bytes_even_in_another_process():
    first = pdf()
    assert pdf(sample.data(2)) != first and pdf() == first
    code = (
        "import django; django.setup(); import hashlib; from keju.kernel.documents.tests import test_rendering as t;"
        "print(hashlib.sha256(t.pdf()).hexdigest())"
    )
    import hashlib
    import os

    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "keju.web.settings",
        "TZ": "America/Lima",
        "LANG": "C",
    }
    other = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == hashlib.sha256(first).hexdigest()


def test_words_are_text_in_both_languages():
    chinese, english = text(pdf()), text(pdf(language="en"))
    assert "阿依古丽·买买提江" in chinese and "考试安排" in chinese and "第 1 页，共 1 页" in chinese
    assert "Sessions" in english and "阿依古丽·买买提江" in english and "Page 1 of 1" in english


@pytest.mark.parametrize("payload", ["2026|650100000001", "2026|650100000001|" + "x" * 60])
def test_the_code_reads_from_the_page_and_verifies(payload):
    made = codes.sign_code("ticket", payload)
    files = {**sample.files(), "qr": pictures.qr_svg(made)}
    found = zxingcpp.read_barcodes(picture_of(pdf(files=files)))
    assert [codes.verify_code(f.text) for f in found] == [("ticket", payload)]


def test_the_photo_stands_on_the_page_as_it_was_given():
    jpeg = sample.photo(7)
    content = pdf(files={**sample.files(), "photo": jpeg})
    document = pypdfium2.PdfDocument(content)
    images = [o for o in document[0].get_objects() if o.type == 3]
    assert [i.get_px_size() for i in images] == [(295, 413)]
    assert bytes(images[0].get_data()) == jpeg
    for each in images:
        each.close()
    document.close()


def test_png_and_jpeg_and_svg_are_taken_and_nothing_else():
    assert pictures.as_svg(pictures.qr_png("x")).startswith(b"<svg")
    for bad in (b"GIF89a", b"", b"%PDF", b"\xff\xd8\xff"):
        with pytest.raises(Exception, match="JPEG"):
            pictures.as_svg(bad)


def test_a_rehearsal_says_on_every_page_that_it_is_void():
    assert "TEST VOID" not in text(pdf())
    assert "TEST VOID 演练作废" in text(pdf({**sample.data(), "rehearsal": True}))


def test_rare_names_print_and_what_cannot_print_is_named_not_lost():
    assert missing_glyphs("𠮷䶮㛃𬀩·阿 A") == set()
    assert missing_glyphs(f"张{LOST}") == {LOST}
    assert check_glyphs({"rows": [{"name": "张三"}, {"name": f"李{LOST}"}]}) == [("rows.1.name", LOST)]
    assert marked([f"李{LOST}"]) == ["李⟦U+313A0⟧"]
    content = text(pdf(sample.data(name=f"李{LOST}四𠮷")))
    assert "U+313A0" in content and "⟦" not in content and "四𠮷" in content


def test_every_covered_character_is_really_drawn():
    """The list of glyphs is the typeface's own: what it names has ink, what it does not is found missing."""
    assert {"一", "A", "·", "ü"} & missing_glyphs("一A·ü") == set()
    blank, drawn = (picture_of(pdf(sample.data(name=n))).tobytes() for n in (" ", "𬀩"))
    assert blank != drawn


def test_data_is_never_markup():
    evil = '#import "/data.json"; *x* $1/0$ ] ) " \\ <script> #eval("1")'
    assert "#eval" in text(pdf(sample.data(name=evil))) and "*x*" in text(pdf(sample.data(name=evil)))


def test_a_broken_template_or_name_is_told_as_such():
    with pytest.raises(BrokenTemplate, match="facts"):
        render(template=sample.TEMPLATE, data={"title": "", "number": ""})
    for name in ("documents/none", "nowhere/x", "../keju/x", "documents/../x"):
        with pytest.raises(LookupError):
            template(name)


def test_the_version_of_a_template_is_that_of_everything_it_uses():
    assert template(sample.TEMPLATE).version == template(sample.TEMPLATE).version
    assert {"keju.typ", "documents/sample.typ"} <= set(template(sample.TEMPLATE).sources)


def test_codes_are_refused_when_anything_changed():
    code = codes.sign_code("ticket", "阿|1")
    assert codes.verify_code(code) == ("ticket", "阿|1") and codes.sign_code("ticket", "阿|1") == code
    assert codes.verify_code(code, codes.public_key()) == ("ticket", "阿|1")
    assert codes.verify_code(code, bytes(range(32))) is None
    for at in range(len(code)):
        for other in "Ab9-.":
            if code[at] != other:
                assert codes.verify_code(code[:at] + other + code[at + 1 :]) is None, (at, other)
    for bad in (
        "",
        ".",
        "K1..",
        "K1.x.y",
        code + "A",
        code + "=",
        "K1." + code,
        code.upper(),
        "码",
        "x" * 5000,
    ):
        assert codes.verify_code(bad) is None
