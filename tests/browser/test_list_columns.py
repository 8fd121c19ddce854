"""What is read as what: a class list from anywhere is understood, or asked about, and what was said can be kept."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from browser.conftest import Visitor, troubles
from browser.test_own_class import MARKUP, OWN, cell, upload, use
from playwright.sync_api import Locator, expect

from sim.files.classlist import read_mapping

Visit = Callable[..., Visitor]

ADMINISTRATION = """Leerlingenlijst 2026-2027

Achternaam;Voorvoegsel;Roepnaam;Geslacht;Geboortedatum;Groep;Postcode;nabijheit
Vries;de;Amira;V;13-03-2019;4a;9000;4,5
Bakker;;Bram;M;30-11-2018;4a;9000;3
Ander;;Zoë;V;01-02-2019;4b;9000;2
Nog;;Daan;M;02-03-2019;4b;9000;6
"""


def column(visitor: Visitor, heading: str) -> Locator:
    """What a column is read as."""
    return visitor.page.locator(f"[data-column='{heading}']")


def beside(visitor: Visitor, heading: str) -> Locator:
    """What has to change in a column, which stands beside it."""
    return visitor.page.locator("tr", has=visitor.page.locator(f"[data-column='{heading}']")).locator(".columns-wrong")


def names(visitor: Visitor) -> list[str]:
    """The names in the table of children."""
    return [one.input_value() for one in visitor.page.locator("[data-cell$='-name']").all()]


def test_a_list_of_an_administration_with_dutch_headings_and_two_classes(visit: Visit, tmp_path: Path) -> None:
    visitor = visit(OWN)
    upload(visitor, ADMINISTRATION.encode("cp1252"), "klas.csv")
    expect(visitor.part("own-problems")).to_contain_text("several classes: 4a (2), 4b (2)")
    expect(column(visitor, "Roepnaam")).to_have_value("call_name")
    expect(column(visitor, "Postcode")).to_have_value("")
    expect(column(visitor, "nabijheit")).to_have_value("?")
    expect(beside(visitor, "nabijheit")).to_contain_text("the closest is “nabijheid”")
    visitor.part("own-use").click()
    expect(visitor.part("own-status")).to_contain_text("klas.csv is not read yet")
    visitor.part("columns-group").select_option("4b")
    expect(visitor.part("columns-said")).to_contain_text("Class: 4b. 1 thing has to change.")
    expect(column(visitor, "nabijheit")).to_have_value("?")
    column(visitor, "nabijheit").select_option("closeness")
    expect(visitor.part("columns-said")).to_contain_text("“nabijheit”: closeness (1 to 5).")
    expect(beside(visitor, "nabijheit")).to_contain_text("row 7: found “6”; allowed: a number from 1 to 5")
    column(visitor, "nabijheit").select_option("")
    expect(visitor.part("columns-said")).to_contain_text("“nabijheit”: leave out. klas.csv: 2 children read.")
    column(visitor, "Postcode").select_option("last_name")
    said = "“Achternaam”: leave out. “Postcode”: last name."
    expect(visitor.part("columns-said")).to_contain_text(said)
    expect(column(visitor, "Achternaam")).to_have_value("")
    column(visitor, "Achternaam").select_option("last_name")
    expect(visitor.part("columns-said")).to_contain_text("“Postcode”: leave out.")
    visitor.part("columns-on").click()
    expect(cell(visitor, 6, "name")).to_be_focused()
    assert names(visitor) == ["Zoë Ander", "Daan Nog"]
    use(visitor, "Zoë Ander", "Daan Nog")
    visitor.part("own-class").click()
    visitor.part("own-columns").click()
    expect(column(visitor, "nabijheit")).to_have_value("")
    expect(visitor.part("columns-group")).to_have_value("4b")


def test_a_mapping_is_saved_read_by_the_program_and_used_again(visit: Visit, tmp_path: Path) -> None:
    visitor = visit(OWN)
    content = "Kode;G;Warmte\nK1;0;4\nK2;1;5\n"
    upload(visitor, content, "study.csv")
    expect(visitor.part("own-problems")).to_contain_text("no heading “name”")
    column(visitor, "Kode").select_option("name")
    column(visitor, "G").select_option("sex")
    expect(beside(visitor, "G")).to_contain_text("row 2: found “0”; allowed: boy or girl")
    column(visitor, "Warmte").select_option("closeness")
    visitor.page.locator("[data-code='0']").select_option("girl")
    expect(visitor.part("columns-said")).to_contain_text("“0”: girl. 1 thing has to change.")
    visitor.page.locator("[data-code='1']").select_option("boy")
    expect(visitor.part("columns-said")).to_contain_text("“1”: boy. study.csv: 2 children read.")
    with visitor.page.expect_download() as download:
        visitor.part("columns-save").click()
    assert download.value.suggested_filename == "my-mapping.toml"
    download.value.save_as(tmp_path / "own.toml")
    said = read_mapping(tmp_path / "own.toml")
    assert said.columns == {"name": "Kode", "sex": "G", "closeness": "Warmte"}
    assert said.sex == {"0": "girl", "1": "boy"}
    assert not re.search("K1|K2", (tmp_path / "own.toml").read_text(encoding="utf-8"))
    again = visit(OWN)
    upload(again, content, "study.csv")
    upload(again, (tmp_path / "own.toml").read_bytes(), "own.toml", "columns-load")
    expect(again.part("columns-said")).to_contain_text("“Kode”: name. “G”: sex. “Warmte”: closeness (1 to 5).")
    expect(again.page.locator("[data-code='1']")).to_have_value("boy")
    upload(again, "[columns]\nnaam = 3\n", "wrong.toml", "columns-load")
    expect(again.part("own-problems")).to_contain_text("wrong.toml, column “columns.naam”: found “naam”")
    upload(again, (tmp_path / "own.toml").read_bytes(), "own.toml", "columns-load")
    again.part("columns-on").click()
    expect(cell(again, 3, "sex")).to_have_value("boy")
    use(again, "K1", "K2")


def workbook(*sheets: tuple[str, list[list[object]]]) -> bytes:
    """A workbook of Excel."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_workbook_with_sheets_names_that_stand_there_twice_and_none(visit: Visit) -> None:
    visitor = visit(OWN)
    rows: list[list[object]] = [["Naam", None, "Naam"], ["Ann", "v", "Ma"], ["Bo", "j", "Pa"]]
    upload(visitor, workbook(("3a", rows), ("3b", [[*rows[0]], ["Cas", "j", "Oma"], ["Dee", "v", "Opa"]])), "klas.xlsx")
    expect(visitor.part("own-problems")).to_contain_text("several sheets with the same headings: 3a, 3b")
    visitor.part("columns-group").select_option("3b")
    expect(beside(visitor, "B")).to_contain_text("found nothing; allowed: a heading above these cells")
    expect(beside(visitor, "Naam (2)")).to_contain_text("“Naam” is one already")
    expect(visitor.page.get_by_role("row").filter(has_text="column B, without a heading")).to_have_count(1)
    column(visitor, "B").select_option("sex")
    expect(visitor.part("columns-said")).to_contain_text("“B”: sex. “Naam (2)”: leave out. klas.xlsx: 2 children")
    column(visitor, "Naam (2)").select_option("name")
    expect(visitor.part("columns-said")).to_contain_text("“Naam”: leave out. “Naam (2)”: name.")
    visitor.part("columns-on").click()
    assert names(visitor) == ["Oma", "Opa"]
    expect(cell(visitor, 3, "sex")).to_have_value("girl")


def test_dates_and_letters_that_can_be_read_in_two_ways_are_asked_about(visit: Visit) -> None:
    visitor = visit(OWN, locale="nl-BE")
    upload(visitor, "naam;geboortedatum\nMaría;03/04/2019\nBo;05/06/2019\n".encode("mac_roman"), "klas.csv")
    visitor.part("columns-encoding").select_option("mac_roman")
    expect(column(visitor, "geboortedatum")).to_have_value("birth_date")
    expect(beside(visitor, "geboortedatum")).to_contain_text("datums waarvan duidelijk is of de dag vooraan staat")
    visitor.part("columns-dates").select_option("month first")
    expect(visitor.part("columns-said")).to_contain_text("In datums staat vooraan: de maand.")
    visitor.part("columns-year").select_option("2025")
    expect(visitor.part("columns-said")).to_contain_text("Schooljaar: 2025–2026. klas.csv: 2 kinderen gelezen.")
    visitor.part("columns-on").click()
    assert names(visitor) == ["María", "Bo"]
    expect(cell_nl(visitor, 2, "leeftijd")).to_have_value("6,5")
    visitor.page.get_by_role("button", name="EN", exact=True).click()
    expect(cell(visitor, 2, "age")).to_have_value("6.5")


def cell_nl(visitor: Visitor, row: int, heading: str) -> Locator:
    """The cell of a table, in Dutch."""
    return visitor.page.get_by_label(f"{heading}, rij {row}", exact=True)


def test_what_is_said_follows_the_language_and_survives_another_view(visit: Visit) -> None:
    visitor = visit(OWN)
    upload(visitor, "naam;conflikt\nA;2\nB;9\n", "klas.csv")
    expect(beside(visitor, "conflikt")).to_contain_text("the closest is “conflict”")
    visitor.page.get_by_role("button", name="NL", exact=True).click()
    expect(beside(visitor, "conflikt")).to_contain_text("‘conflict’ lijkt er het meest op")
    expect(column(visitor, "conflikt").locator("option").first).to_have_text("kies …")
    visitor.part("view-map").click()
    visitor.part("own-class").click()
    expect(beside(visitor, "conflikt")).to_contain_text("‘conflict’ lijkt er het meest op")
    column(visitor, "conflikt").select_option("conflict")
    expect(beside(visitor, "conflikt")).to_contain_text("rij 3: gevonden: ‘9’")


def test_by_keyboard_alone(visit: Visit) -> None:
    visitor = visit(OWN)
    upload(visitor, "naam;warmte\nA;2\nB;3\n", "klas.csv")
    page = visitor.page
    expect(column(visitor, "naam")).to_be_visible()
    visitor.part("own-children").focus()
    page.keyboard.press("Tab")
    expect(column(visitor, "naam")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("close")
    expect(visitor.part("columns-said")).to_contain_text("“warmte”: closeness (1 to 5).")
    expect(column(visitor, "warmte")).to_be_focused()
    page.keyboard.press("Tab")
    expect(visitor.part("columns-on")).to_be_focused()
    for name in ("columns-save", "columns-load", "columns-leave"):
        page.keyboard.press("Tab")
        expect(visitor.part(name)).to_be_focused()
    page.keyboard.press("Shift+Tab+Shift+Tab+Shift+Tab")
    visitor.part("columns-on").press("Enter")
    expect(cell(visitor, 2, "name")).to_be_focused()
    expect(cell(visitor, 3, "closeness")).to_have_value("3")


@pytest.mark.parametrize("language", ["en", "nl"])
def test_nobody_is_shut_out_and_a_phone_shows_all_of_it(visit: Visit, language: str) -> None:
    visitor = visit(f"{OWN}&language={language}")
    content = "code;geslacht;geboortedatum;conflict;klas\nk1;0;01/02/2019;8;3a\nk2;1;02/03/2019;2;3a\nk3;1;;;3b\n"
    upload(visitor, content, "klas.csv")
    visitor.part("columns-group").select_option("3a")
    expect(beside(visitor, "conflict")).to_contain_text("8")
    assert troubles(visitor.page, seen=20) == []
    page = visitor.page
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for one in page.locator(".list-columns :is(select, button, th, .columns-wrong)").all():
        if (box := one.bounding_box()) and box["width"] > 1:
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390
    assert troubles(visitor.page, seen=20) == []


def test_headings_and_cells_that_are_markup_are_shown_as_text(visit: Visit, tmp_path: Path) -> None:
    visitor = visit(OWN)
    upload(visitor, f"name;{MARKUP};sex\n{MARKUP}1;{MARKUP}2;{MARKUP}3\nEmma;2;v\n", f"{MARKUP}.csv")
    column(visitor, MARKUP).select_option("conflict")
    expect(visitor.part("columns-said")).to_contain_text(f"“{MARKUP}”: conflict (1 to 5).")
    expect(visitor.page.locator(".columns-first").first).to_contain_text(MARKUP)
    assert visitor.page.locator("img").count() == 0
    with visitor.page.expect_download() as download:
        visitor.part("columns-save").click()
    download.value.save_as(tmp_path / "own.toml")
    assert read_mapping(tmp_path / "own.toml").columns == {"name": "name", "conflict": MARKUP, "sex": "sex"}
    visitor.part("columns-leave").click()
    expect(visitor.part("columns")).to_have_count(0)
