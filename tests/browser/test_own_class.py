"""The visitor's own class: typed, pasted or uploaded, seen by nobody else, and forgotten when the page is left."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from browser.conftest import ROOT, Visitor, running
from playwright.sync_api import Locator, expect

from sim.dashboard.choices import VIEWS
from sim.files.classlist import LARGEST_FILE

Visit = Callable[..., Visitor]

SHOWN = tuple(view for view in VIEWS if view not in {"story", "own"})
MARKUP = "<img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("http://example.org";"x")'
OWN = "?view=own"
PASTE = """([cell, text]) => {
  const data = new DataTransfer()
  data.setData("text/plain", text)
  cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))
}"""
DROP = """([target, name, size]) => {
  const data = new DataTransfer()
  data.items.add(new File([new Uint8Array(size)], name))
  for (const kind of ["dragover", "drop"]) {
    target.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }))
  }
}"""

COUNT_WHAT_IS_SENT = """() => {
  const send = WebSocket.prototype.send
  window.sent = []
  WebSocket.prototype.send = function (data) {
    window.sent.push(data.length ?? data.byteLength)
    return send.call(this, data)
  }
}"""


def cell(visitor: Visitor, row: int, column: str) -> Locator:
    """The cell of a table in a row as it is numbered there."""
    return visitor.page.get_by_label(f"{column}, row {row}", exact=True)


def upload(visitor: Visitor, content: str | bytes, name: str = "class.csv", to: str = "own-file") -> None:
    """Choose a file."""
    written = content if isinstance(content, bytes) else content.encode()
    visitor.part(to).set_input_files({"name": name, "mimeType": "text/csv", "buffer": written})


def paste(visitor: Visitor, row: int, column: str, text: str) -> None:
    """Paste into a cell."""
    target = cell(visitor, row, column)
    visitor.page.evaluate(PASTE, [target.element_handle(), text])


def use(visitor: Visitor, *names: str) -> None:
    """Use the class, and wait until its children are on the map."""
    visitor.part("own-use").click()
    expect(visitor.part("scenario")).to_have_value("own")
    for name in names:
        expect(visitor.page.locator(".child title").filter(has_text=name)).to_have_count(1)


def test_typed_pasted_and_used_again(visit: Visit) -> None:
    visitor = visit(OWN)
    page = visitor.page
    expect(visitor.part("own-notice")).to_contain_text("not a prediction")
    expect(page.locator(".own-pane tbody tr")).to_have_count(20)
    visitor.part("own-clear").click()
    cell(visitor, 2, "name").fill("Typed")
    cell(visitor, 2, "sex").select_option("girl")
    paste(visitor, 3, "name", 'Pasted\tboy\t7\t4,5\n"Of ""two"""\t\t\t\t5\n')
    expect(cell(visitor, 3, "closeness")).to_have_value("4,5")
    expect(cell(visitor, 4, "name")).to_have_value('Of "two"')
    use(visitor, "Typed", "Pasted", "two")
    expect(page.locator(".child")).to_have_count(3)
    assert not re.search("Typed|Pasted", page.url)
    page.locator(".child[data-child='2']").click()
    visitor.part("own-class").click()
    expect(cell(visitor, 2, "sex")).to_have_value("girl")  # the table is as it was left
    cell(visitor, 2, "name").fill("Changed")
    visitor.part("own-add").click()
    page.keyboard.type("Added")
    page.get_by_role("button", name="Delete row 4").click()
    use(visitor, "Changed", "Pasted", "Added")
    expect(page.locator(".child")).to_have_count(3)
    expect(page.locator(".child title").filter(has_text="Typed")).to_have_count(0)


def test_programmes_for_a_class_of_ones_own_are_in_sight(visit: Visit) -> None:
    visitor = visit(OWN)
    upload(visitor, "name\nAya El Amrani\nNoah Janssens\nNoah Vandenberghe\nMila Maes\n")
    use(visitor, "Aya El Amrani")
    shown = visitor.page.locator(".map .child .name").all_text_contents()
    assert shown == ["Aya", "Noah Janss…", "Noah Vande…", "Mila Maes"], "a first name where nobody else has it"
    expect(visitor.part("banking-time")).to_be_visible()
    visitor.part("banking-time").click()
    expect(visitor.part("what-changed")).to_contain_text("Programmes: Banking Time (")
    visitor.part("undo-interventions").click()
    expect(visitor.part("banking-time")).to_have_attribute("aria-checked", "false")


def test_a_sheet_that_is_pasted_with_its_headings(visit: Visit) -> None:
    visitor = visit(OWN)
    paste(visitor, 2, "name", "leeftijd\tnaam\tself-regulation\n7\tOne\t0,5\n8\tTwo\t\n")
    expect(visitor.part("own-status")).to_contain_text("2 children read")
    expect(cell(visitor, 2, "name")).to_have_value("One")
    expect(cell(visitor, 2, "self-regulation")).to_have_value("0,5")
    paste(visitor, 2, "name", "".join(f"child {number}\n" for number in range(70)))
    expect(visitor.part("own-problems")).to_contain_text("room for 60 rows")
    use(visitor, "child 59")
    expect(visitor.page.locator(".child")).to_have_count(60)


def test_by_keyboard_alone_and_every_cell_has_a_name(visit: Visit) -> None:
    visitor = visit(OWN)
    page = visitor.page
    visitor.part("own-more").press("Enter")
    expect(page.locator(".own-pane thead th[scope=col]")).to_have_count(14)
    labels = page.evaluate("[...document.querySelectorAll('.own-pane :is(input, select)')].map(one => one.ariaLabel)")
    assert len(set(labels)) == 20 * 13, "every cell has a name"
    visitor.part("own-clear").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(cell(visitor, 2, "name")).to_be_focused()
    page.keyboard.type("First")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("Second")
    page.keyboard.press("Tab")
    page.keyboard.press("g")
    page.keyboard.press("Tab")
    page.keyboard.type("twelve")
    visitor.part("own-use").focus()
    page.keyboard.press("Enter")
    problem = page.get_by_role("button", name="row 3, column “age”: found “twelve”")
    problem.focus()
    page.keyboard.press("Enter")
    age = cell(visitor, 3, "age")
    expect(age).to_be_focused()
    expect(age).to_have_attribute("aria-invalid", "true")
    described = age.get_attribute("aria-describedby")
    expect(page.locator(f"#{described}")).to_contain_text("a number from 3 to 13")
    expect(page.get_by_role("alert").filter(has_text="1 thing has to change")).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.type("12")
    expect(problem).to_have_count(0)
    visitor.part("own-use").focus()
    page.keyboard.press("Space")
    expect(page.locator(".child")).to_have_count(2)
    expect(page.locator("#view")).to_be_focused()


def test_a_dutch_file_is_read_and_its_wrong_cells_can_be_mended(visit: Visit) -> None:
    visitor = visit(OWN)
    content = "Naam;Geslacht;LLRV nabijheid;SDQ gedrag\r\nZoë;m;9;2,5\r\nBram;j;4,5;\r\n"
    upload(visitor, content.encode("cp1252"), "klas.csv")
    expect(visitor.page.locator(".columns-wrong").nth(2)).to_contain_text("row 2: found “9”")
    visitor.part("own-children").click()
    expect(visitor.part("own-problems")).to_contain_text("klas.csv, row 2, column “LLRV nabijheid”: found “9”")
    expect(cell(visitor, 2, "SDQ conduct")).to_have_value("2,5")
    cell(visitor, 2, "closeness").fill("3,5")
    cell(visitor, 2, "sex").select_option("girl")
    upload(visitor, "wie;kiest;soort\nZoë;Bram;graag\nZoë;Brm;\n", "kiest.csv", "own-nominations")
    expect(visitor.part("own-problems")).to_contain_text("kiest.csv, row 3, column “kiest”: found “Brm”")
    visitor.part("own-leave-out").click()
    upload(visitor, "wie;kiest;soort\nZoë;Bram;graag\n", "kiest.csv", "own-nominations")
    expect(visitor.part("own-status")).to_contain_text("1 choice read")
    use(visitor, "Zoë", "Bram")


def test_the_example_can_be_uploaded(visit: Visit, tmp_path: Path) -> None:
    visitor = visit(OWN)
    for language, heading in (("EN", "aggression"), ("NL", "agressie")):
        visitor.page.get_by_role("button", name=language, exact=True).click()
        expect(visitor.page.locator(".own-pane th").filter(has_text=heading)).to_have_count(1)
        with visitor.page.expect_download() as download:
            visitor.part("own-example").click()
        download.value.save_as(tmp_path / "example.csv")
        assert heading in (tmp_path / "example.csv").read_text(encoding="utf-8-sig")
        upload(visitor, (tmp_path / "example.csv").read_bytes(), f"{language}.csv")
        expect(visitor.part("own-status")).to_contain_text(f"{language}.csv: 20")


def test_a_file_that_is_too_large_is_not_sent(visit: Visit, tmp_path: Path) -> None:
    visitor = visit(OWN)
    visitor.page.evaluate(COUNT_WHAT_IS_SENT)
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(100_000_000)
    visitor.part("own-file").set_input_files(large)
    expect(visitor.part("own-problems")).to_contain_text("large.csv takes 100 MB; at most 1 MB is allowed")
    visitor.part("own-nominations").set_input_files(large)
    target = visitor.page.locator(".own-view").element_handle()
    visitor.page.evaluate(DROP, [target, "dropped.csv", LARGEST_FILE + 10_000])
    expect(visitor.part("own-problems")).to_contain_text("dropped.csv takes 1.01 MB")
    visitor.page.evaluate(DROP, [target, "fits.csv", LARGEST_FILE])
    expect(visitor.part("own-problems")).to_contain_text("fits.csv: found something other than text")
    sent = visitor.page.evaluate("window.sent")
    assert sum(size > LARGEST_FILE // 2 for size in sent) == 1, sent


def test_what_is_no_class_list_is_refused_in_words(visit: Visit) -> None:
    visitor = visit(OWN)
    for name, content, told in (
        ("klas.xlsx", "PK\x03\x04\0binary", "klas.xlsx: found something other than text"),
        ("rows.csv", "name\n" + "x\n" * 10_000, "found 10000 children; allowed: 2 to 60 children"),
    ):
        upload(visitor, content, name)
        expect(visitor.part("own-problems")).to_contain_text(told)
        expect(cell(visitor, 2, "name")).to_have_value("Adam")
    upload(visitor, f"name,{MARKUP}\nJan,\nEmma,\n", f"{MARKUP}.csv")
    expect(visitor.part("own-notes")).to_contain_text(f"not read: “{MARKUP}”")
    expect(cell(visitor, 2, "name")).to_have_value("Jan")
    assert visitor.page.locator("img").count() == 0


def test_a_name_that_is_markup_or_a_formula_is_shown_as_text(visit: Visit) -> None:
    visitor = visit(OWN)
    page = visitor.page
    quoted = FORMULA.replace('"', '""')
    upload(visitor, f'name,conflict\n{MARKUP},5\n"{quoted}",1\nEmma,1\n')
    expect(cell(visitor, 2, "name")).to_have_value(MARKUP)
    use(visitor)
    expect(page.locator(".child[data-child='0'] title")).to_contain_text(MARKUP)
    expect(page.locator(".child[data-child='1'] title")).to_contain_text(FORMULA)
    expect(visitor.part("child").locator("option").first).to_have_text(MARKUP)
    page.keyboard.press("End")
    expect(visitor.part("now")).to_have_text("week 36 of 36")
    expect(page.locator(".story li").filter(has_text=MARKUP).first).to_be_visible()
    expect(visitor.part("summary")).to_contain_text(MARKUP)
    for view in SHOWN:
        visitor.part(f"view-{view}").click()
        expect(visitor.part(f"view-{view}")).to_have_attribute("aria-current", "page")
    assert page.locator("img").count() == 0
    assert "img" not in page.url


def test_two_visitors_have_classes_of_their_own_and_a_reload_forgets(visit: Visit) -> None:
    one, other = visit(OWN), visit(OWN)
    upload(one, "name\nAlone\nApart\n")
    use(one, "Alone")
    upload(other, "name\nElse\nWhere\nNobody\n")
    use(other, "Else")
    expect(one.page.locator(".child")).to_have_count(2)
    expect(other.page.locator(".child title").filter(has_text="Alone")).to_have_count(0)
    stranger = visit("?" + one.page.url.partition("?")[2])
    expect(stranger.page.get_by_text("somebody's own class")).to_be_visible()
    expect(stranger.page.locator(".child title").filter(has_text="Alone")).to_have_count(0)
    one.reload()
    expect(one.page.get_by_text("somebody's own class")).to_be_visible()
    expect(one.part("scenario")).to_have_value("irritated-teacher")
    expect(one.page.locator(".child")).to_have_count(25)
    one.part("own-class").click()
    expect(cell(one, 2, "name")).to_have_value("Adam")
    kept = one.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state])")
    assert not re.search("Alone|Apart", kept)


def test_what_was_cleared_comes_back(visit: Visit) -> None:
    visitor = visit(OWN)
    cell(visitor, 2, "name").fill("Typed")
    expect(visitor.part("own-undo")).to_have_count(0)
    visitor.part("own-clear").click()
    expect(cell(visitor, 2, "name")).to_have_value("")
    visitor.part("own-undo").click()
    expect(cell(visitor, 2, "name")).to_have_value("Typed")
    expect(cell(visitor, 21, "name")).to_have_value("Zoë")
    expect(visitor.part("own-undo")).to_have_count(0)
    expect(visitor.part("own-clear")).to_be_focused()


@pytest.mark.parametrize("locale", ["en-GB", "nl-BE"])
def test_a_typed_class_is_saved_as_a_list_and_read_again(visit: Visit, locale: str) -> None:
    visitor = visit(OWN, locale=locale)
    visitor.part("own-clear").click()
    names = visitor.page.locator("[data-cell$='-name']")
    closeness = visitor.page.locator("[data-cell$='-closeness']")
    for place, (name, score) in enumerate((("Typed", "4.5"), ('Of "two", too', ""), (FORMULA, ""))):
        names.nth(place).fill(name)
        closeness.nth(place).fill(score)
    with visitor.page.expect_download() as download:
        visitor.part("own-save").click()
    content = Path(download.value.path()).read_bytes()
    lines = content.decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert not any(line.startswith(("=", '"=')) for line in lines), "no spreadsheet takes a name for a formula"
    again = visit(OWN, locale=locale)
    upload(again, content)
    expect(again.page.locator("[data-cell$='-name']")).to_have_count(3)
    expect(again.page.locator("[data-cell$='-name']").nth(1)).to_have_value('Of "two", too')
    expect(again.page.locator("[data-cell$='-closeness']").first).to_have_value("4.5")


def reload(visitor: Visitor) -> None:
    """Load the page anew, and wait until it is there."""
    visitor.reload()


def test_the_browser_asks_before_a_class_is_lost_that_is_in_no_file(visit: Visit) -> None:
    visitor = visit(OWN)
    visitor.part("own-more").click()
    reload(visitor)
    assert visitor.held_back == 0, "nothing was typed"
    cell(visitor, 2, "name").fill("Typed")
    use(visitor, "Typed")
    reload(visitor)
    assert visitor.held_back == 1, "also from another view"
    visitor.part("own-class").click()
    cell(visitor, 2, "name").fill("Typed")
    with visitor.page.expect_download():
        visitor.part("own-save").click()
    reload(visitor)
    assert visitor.held_back == 1, "it is in a file"


def test_a_link_of_ones_own_class_says_what_it_is(visit: Visit) -> None:
    visitor = visit(OWN)
    upload(visitor, "name\nAlone\nApart\n")
    use(visitor, "Alone")
    visitor.drag("strain", 0.31)
    visitor.part("share").click()
    expect(visitor.part("share-own")).to_contain_text("ordinary class")
    expect(visitor.part("share-dialog")).not_to_contain_text("the same classes")
    expect(visitor.part("share-address")).to_have_value(re.compile(r"strain=0\.31"))  # once that is computed
    link = visitor.part("share-address").input_value()
    assert "scenario=ordinary-class" in link
    other = visit(link[link.index("?") :])
    expect(other.part("scenario")).to_have_value("ordinary-class")
    expect(other.part("strain")).to_have_value("0.31")
    expect(other.page.locator(".wrong")).to_have_count(0)


# -- Forgetting

SERVER = """
import gc, os, threading, time
from pathlib import Path

folder = Path(os.environ["SPIRAAL_TEST_FOLDER"])

def put(name, text):
    (folder / "part").write_text(text)
    (folder / "part").rename(folder / name)

def holders(secret):
    gc.collect()
    return [
        f"{type(one).__name__} {held[:60]!r}" for one in gc.get_objects() for held in gc.get_referents(one)
        if issubclass(type(held), (str, bytes)) and held is not secret and secret in str(held)
    ]

def look():
    from solara.server.kernel_context import contexts
    asked = folder / "secret.txt"
    while not asked.exists():
        time.sleep(0.05)
    secret = asked.read_text()
    put("before.txt", str(len(holders(secret))))
    while contexts:
        time.sleep(0.05)
    for _ in range(100):
        found = holders(secret)
        if not found:
            break
        time.sleep(0.1)
    put("found.txt", str(len(found)) + "".join("\\n" + one.replace(secret, "…") for one in found))

threading.Thread(target=look, daemon=True).start()
from sim.dashboard import launch
launch(0, browser=False)
"""
"""A dashboard that writes down, when asked for a secret, what still holds it after all visitors have left."""


def until_there(path: Path) -> str:
    """Wait for a file that another process writes, and read it."""
    patience = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < patience, f"no {path.name}"
    return path.read_text(encoding="utf-8")


def test_nothing_is_left_of_a_class_when_its_visitor_has_gone(visit: Visit, tmp_path: Path) -> None:
    secret = f"Q{secrets.token_hex(8)}"
    begun = time.time()
    folder, home = tmp_path / "watched", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    places = {"HOME": str(home), "TMPDIR": str(home), "XDG_CACHE_HOME": str(home), "SPIRAAL_TEST_FOLDER": str(folder)}
    said: list[str] = []
    with running(["-c", SERVER], tmp_path / "server", said, **places) as watched:
        visitor = visit(OWN, at=watched)
        upload(visitor, f"name,age\n{secret},x\nEmma,5\n", f"{secret}.csv")
        expect(visitor.part("columns")).to_contain_text(secret)
        visitor.part("columns-leave").click()
        upload(visitor, f"name,leef tijd\n{secret},x\nEmma,5\n", f"{secret}.csv")
        visitor.page.locator("[data-column='leef tijd']").select_option("")
        expect(visitor.part("columns-said")).to_contain_text("“leef tijd”: leave out")
        visitor.page.locator("[data-column='leef tijd']").select_option("age")
        expect(visitor.part("columns-said")).to_contain_text("“leef tijd”: age")
        visitor.part("own-children").click()
        expect(visitor.part("own-problems")).to_contain_text(secret)
        cell(visitor, 2, "age").fill("5")
        use(visitor, secret)
        visitor.page.keyboard.press("End")
        for view in SHOWN:
            visitor.part(f"view-{view}").click()
            expect(visitor.part(f"view-{view}")).to_have_attribute("aria-current", "page")
        visitor.page.get_by_role("button", name="NL", exact=True).click()
        expect(visitor.page.locator("html")).to_have_attribute("lang", "nl")
        assert secret not in visitor.page.url
        (folder / "asked").write_text(secret, encoding="utf-8")
        (folder / "asked").rename(folder / "secret.txt")
        assert int(until_there(folder / "before.txt")) > 0, "what would be found if it were kept"
        visitor.page.close(run_before_unload=True)
        found = until_there(folder / "found.txt")
        (folder / "secret.txt").unlink()
        assert found.splitlines()[0] == "0", found
    assert said
    assert secret not in "".join(said)
    for place in (tmp_path, ROOT):
        for path in written_since(begun, place):
            assert secret.encode() not in path.read_bytes(), path


def written_since(begun: float, place: Path) -> list[Path]:
    """List the files at a place that were written since then, but for those of the version control and of packages."""
    found = []
    for folder, folders, names in os.walk(place):
        folders[:] = [name for name in folders if name not in {".git", ".venv"}]
        paths = [Path(folder, name) for name in names]
        found += [path for path in paths if path.is_file() and path.stat().st_mtime >= begun]
    return found
