"""How the pages of the documentation become a site: ``make docs`` or ``sphinx-build -W -c docs/site . build/site``.

The pages are those that are read in the repository: README and ``docs/*.md``. What ties them together is
``navigation.md``. Tutorials are executed while the site is built, so that what they show is what the program does.
Nothing in the site is fetched from elsewhere, so that it can be read without a network, from a disk too.
"""

import tomllib
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

HERE = Path(__file__).parent
DUTCH = ("docs/start-nl", "docs/dashboard-nl", "docs/klaslijsten")
"""Pages that a screen reader should read in Dutch."""

project = "Spiraal"
author = copyright = "The Spiraal authors"  # noqa: A001 (the name that Sphinx gives it)
release = tomllib.loads((HERE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

root_doc = "README"
include_patterns = ["*.md", "docs/*.md", "docs/tutorials/*.md", "docs/reference/*.md"]
exclude_patterns = [".*", "build", "dist", "results", "paper", "sim", "tests"]
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]

myst_heading_anchors = 6
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # the usual ones come from elsewhere
nb_render_markdown_format = "myst"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_google_docstring = False
default_role = "py:obj"
suppress_warnings = ["ref.python"]  # two classes of one name in different rooms; links of pages are not concerned

html_theme = "furo"
html_title = f"Spiraal {release}"
html_static_path = ["static"]
html_css_files = ["site.css"]
templates_path = ["templates"]
html_additional_pages = {"index": "to_start.html"}
html_copy_source = False
html_show_search_summary = False  # a browser does not fetch pages from a disk
html_show_copyright = False


def add_navigation(_app: Sphinx, docname: str, content: list[str]) -> None:
    """The front page is README; what leads from it to all others is of the site alone."""
    if docname == root_doc:
        content[0] += "\n\n" + (HERE / "navigation.md").read_text(encoding="utf-8")


def name_language(_app: Sphinx, docname: str, _template: str, context: dict[str, object], _tree: object) -> None:
    """A page says in which language it is."""
    context["language"] = "nl" if docname in DUTCH else "en"


def is_told_already(_app: Sphinx, _what: str, _name: str, member: object, skip: bool, _options: object) -> bool:
    """Fields of a named tuple stand in the docstring of the tuple."""
    return skip or str(getattr(member, "__doc__", "")).startswith("Alias for field number")


def setup(app: Sphinx) -> None:
    """What Sphinx asks."""
    app.add_lexer("csv", TextLexer)
    app.connect("source-read", add_navigation)
    app.connect("html-page-context", name_language)
    app.connect("autodoc-skip-member", is_told_already)
