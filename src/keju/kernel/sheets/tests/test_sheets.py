"""Spreadsheets in and out."""

import io
import struct
import time
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import python_calamine
import xlsxwriter
from django.core.exceptions import ValidationError

from keju.kernel.sheets import Column, books, errors_workbook, read_table, write_csv, write_table
from keju.kernel.sheets import sentences as say
from keju.rulebook.words import speaking, t

COLUMNS = [
    Column("name", t("姓名", "Name"), required=True, max_length=25),
    Column("identity", t("身份证件号码", "Identity number"), required=True, unique=True),
    Column("age", t("年龄", "Age"), kind="int"),
    Column("fee", t("费用", "Fee"), kind="decimal"),
    Column("born", t("出生日期", "Born"), kind="date"),
]
HEAD = "姓名,身份证件号码,年龄,费用,出生日期\n"


def read(text, filename="x.csv", encoding="utf-8", **limits):
    return read_table(text.encode(encoding), filename=filename, columns=COLUMNS, **limits)


def refused(data, filename="x.xlsx", **limits):
    with pytest.raises(ValidationError) as caught:
        read_table(data, filename=filename, columns=COLUMNS, **limits)
    return " ".join(caught.value.messages)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_every_encoding_that_offices_save(encoding):
    table = read(HEAD + "阿依古丽·买买提,65010119900101001X,30,12.50,1990-01-01\n", encoding=encoding)
    assert table.ok and table.rows[0].number == 2
    assert dict(table.rows[0].values) == {
        "name": "阿依古丽·买买提", "identity": "65010119900101001X", "age": 30, "fee": Decimal("12.50"),
        "born": date(1990, 1, 1),
    }  # fmt: skip


@pytest.mark.parametrize("encoding", ["big5", "shift_jis", "utf-16-le"])
def test_a_wrong_encoding_is_a_clear_refusal_never_garbled_text(encoding):
    body = ("姓名,身份\n" + "王小明,臺灣鑑識\n" * 20).encode(encoding, "replace")
    assert "UTF-8" in refused(body, "x.csv")


def test_errors_by_row_and_column_in_both_languages():
    table = read(HEAD + ",1,x,1e5,1990-02-30\n\n张三,=1+1,,,\n李四,2,,,\n王五,2,,,\n")
    found = {(e.number, e.key): e.words for e in table.errors}
    assert set(found) == {(2, "name"), (2, "age"), (2, "fee"), (2, "born"), (4, "identity"), (6, "identity")}
    assert found[2, "name"].zh == "“姓名”不能空着。" and found[2, "name"].en == "“Name” must not be empty."
    assert "第 5 行" in found[6, "identity"].zh and "row 5" in found[6, "identity"].en
    assert [r.number for r in table.rows] == [5]
    assert len({e.number for e in table.errors}) + len(table.rows) == table.count


def test_columns_in_any_order_in_either_language_below_a_title():
    table = read("某考点名册,,\nIdentity Number*, name ,别的\n1,Zhang,x\n")
    assert table.ok and table.rows[0].number == 3
    assert table.rows[0].values["identity"] == "1" and table.rows[0].values["age"] is None


def test_missing_and_doubled_columns_are_refused():
    with speaking("en"):
        assert "Identity number" in refused("姓名\n张\n".encode(), "x.csv")
        assert "twice" in refused("姓名,Name,身份证件号码\n张,张,1\n".encode(), "x.csv")


def test_xlsx_round_trip_keeps_every_digit_and_defuses_formulas():
    evil = ['=HYPERLINK("x")', "+1", "-1", "@SUM(A1)", "\tx", "阿·买 买提"]
    rows = [
        {
            "name": n,
            "identity": f"11010119900101{i:04d}",
            "age": i,
            "fee": Decimal("1.10"),
            "born": date(1990, 1, 1),
        }
        for i, n in enumerate(evil)
    ]
    data = write_table(COLUMNS, rows)
    assert b"<f" not in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
    sheet = python_calamine.load_workbook(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert [r[0] for r in sheet[1:]] == evil and sheet[1][1] == "110101199001010000" and sheet[3][2] == 2.0
    assert write_table(COLUMNS, rows) == data


NASTY = [
    "a&b<c>\"'",
    " blanks ",
    "line\nbreak",
    "tab\tin",
    "bell\x07",
    "_x0041_",
    "\U00020bb7\ufffe",
    "阿·买 买提",
    "0012",
]


def test_every_text_comes_back_as_the_library_of_the_trade_would_have_written_it():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        page = book.add_worksheet()
        for number, text in enumerate(NASTY):
            page.write_string(number, 0, text)
    theirs = _cells(buffer.getvalue())
    ours = _cells(write_table(COLUMNS[:1], [[text] for text in NASTY]))[1:]
    assert ours == theirs and [cell[0] for cell in ours][-2:] == NASTY[-2:]


def test_every_kind_of_value_and_nothing_at_all():
    day, moment = date(2011, 10, 16), datetime(2011, 10, 15, 16, 30, tzinfo=UTC)
    rows = [[t("甲", "A"), True, 7, Decimal("1.10"), day], [None, "", None, 0.1 + 0.2, moment]]
    ours = _cells(write_table(COLUMNS, rows))[1:]
    assert ours == [["甲", True, 7.0, 1.1, day], ["", "", "", 0.3, datetime(2011, 10, 16, 0, 30)]]
    with pytest.raises(ValueError, match="spreadsheet"):
        write_table(COLUMNS, [[float("nan"), 1, 1, 1, 1]])


@pytest.mark.parametrize(("count", "sheets"), [(0, [0]), (3, [3]), (4, [3, 1]), (6, [3, 3]), (7, [3, 3, 1])])
def test_too_many_rows_for_a_sheet_go_on_on_the_next_which_is_titled_too(monkeypatch, count, sheets):
    monkeypatch.setattr(books, "XLSX_ROWS", 4)
    monkeypatch.setattr(books, "PIECE", 2)
    _expect_sheets(count, sheets)


def test_a_sheet_ends_before_it_grows_too_large_for_a_plain_zip(monkeypatch):
    monkeypatch.setattr(books, "SHEET_BYTES", 1)
    monkeypatch.setattr(books, "PIECE", 2)
    _expect_sheets(5, [2, 2, 1])


def _expect_sheets(count, sheets):
    book = python_calamine.load_workbook(
        io.BytesIO(write_table(COLUMNS[:2], [[f"王{i}", str(i)] for i in range(count)], sheet="名单"))
    )
    found = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    assert book.sheet_names == ["名单", "名单 (2)", "名单 (3)"][: len(sheets)]
    assert [len(rows) - 1 for rows in found] == sheets and all(rows[0][0] == "姓名" for rows in found)
    assert [row[1] for rows in found for row in rows[1:]] == [str(i) for i in range(count)]


def _cells(data):
    return python_calamine.load_workbook(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def test_csv_export_defuses_formulas_and_reads_back():
    text = write_csv(COLUMNS, [{"name": "=1+1", "identity": "1", "age": -5}]).decode("utf-8-sig")
    assert text.splitlines()[1] == "'=1+1,1,-5,,"


def _xlsx(*cells):
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    page = book.add_worksheet()
    for place, column in enumerate(COLUMNS):
        page.write_string(0, place, column.title.zh)
    for row, place, write, *value in cells:
        getattr(page, write)(row, place, *value)
    book.close()
    return buffer.getvalue()


def test_formula_cells_of_xlsx_are_refused_even_with_a_harmless_value():
    data = _xlsx(
        (1, 0, "write_formula", '="张"&"三"', None, "张三"), (1, 1, "write_string", "1"),
        (2, 0, "write_string", "李四"), (2, 1, "write_string", "2"),
    )  # fmt: skip
    table = read_table(data, filename="a.xlsx", columns=COLUMNS)
    assert [(e.number, e.key) for e in table.errors] == [(2, "name")] and "公式" in table.errors[0].words.zh
    assert [r.number for r in table.rows] == [3]


def test_an_identity_number_stored_as_a_number_was_rounded_and_is_an_error():
    data = _xlsx((1, 0, "write_string", "张三"), (1, 1, "write_number", 110101199001010015))
    assert "文本" in read_table(data, filename="a.xlsx", columns=COLUMNS).errors[0].words.zh


def test_200_000_rows_are_refused_quickly():
    rows = ([f"张{i}", str(i), i, None, None] for i in range(200_000))
    data = write_table(COLUMNS, rows)
    started = time.process_time()
    assert "20,000" in refused(data)
    assert time.process_time() - started < 2
    assert "20,000" in refused((HEAD + "张,1,,,\n" * 200_000).encode(), "x.csv")


def test_bounds_are_exact():
    assert read(HEAD + "".join(f"张,{i},,,\n" for i in range(10)), max_rows=10).ok
    assert "10" in refused((HEAD + "".join(f"张,{i},,,\n" for i in range(11))).encode(), "x.csv", max_rows=10)
    assert "1 MB" in refused(b"x" * (1024 * 1024 + 1), "x.csv", max_bytes=1024 * 1024)


def _bomb():
    honest = _xlsx((1, 0, "write_string", "张三"), (1, 1, "write_string", "1"))
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(honest)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for item in old.namelist():
            body = old.read(item)
            if item == "xl/worksheets/sheet1.xml":
                body = body.replace(b"</sheetData>", b" " * 200_000_000 + b"</sheetData>")
            new.writestr(item, body)
    return buffer.getvalue()


def test_a_zip_bomb_is_refused_by_its_directory():
    data = _bomb()
    started = time.process_time()
    assert "异常地大" in refused(data)
    assert time.process_time() - started < 5


def test_a_zip_bomb_that_lies_about_its_size_is_refused_too():
    data = _bomb()
    lying = data.replace(struct.pack("<I", _size_of_the_sheet(data)), struct.pack("<I", 1000))
    assert lying != data
    started = time.process_time()
    assert "xlsx" in refused(lying) or "表格" in refused(lying)
    assert time.process_time() - started < 12


def test_one_long_text_in_many_cells_is_refused_before_it_is_told_on():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["姓名"])
        for n in range(1, 600):
            page.write_string(n, 0, "长" * 30_000)
    assert len(buffer.getvalue()) < 100_000
    assert refused(buffer.getvalue()) == str(say.BOMB)


def _size_of_the_sheet(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.getinfo("xl/worksheets/sheet1.xml").file_size


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 nothing", b"\xd0\xcf\x11\xe0" + b"x" * 600, b"%PDF-1.4"])
@pytest.mark.parametrize("name", ["x.xlsx", "x.ods", "x.exe"])
def test_what_is_no_spreadsheet_gets_a_sentence(data, name):
    assert "xlsx" in refused(data, name)


def test_errors_workbook_returns_the_rows_as_typed_with_reasons():
    table = read(HEAD + "张三,1,abc,,\n李四,2,5,,\n")
    sheet = (
        python_calamine.load_workbook(io.BytesIO(errors_workbook(table))).get_sheet_by_index(0).to_python()
    )
    assert sheet[0][-2:] == ["原行号", "原因"] and len(sheet) == 2
    assert sheet[1][:3] == ["张三", "1", "abc"] and sheet[1][5] == 2.0 and "整数" in sheet[1][6]
