"""Networks as programs for them write them: Pajek, UCINET's DL, GraphML, GEXF.

A vertex is a child of the class list by its label. Where vertices have none and there are as many as children, they are
in the order of the class list, and that is told.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sim.files.answers import KINDS, Answer, Reader, number_in
from sim.files.cells import CellsError
from sim.files.language import _
from sim.files.names import clean, key
from sim.files.problems import quoted

__all__ = ["in_xml", "pajek", "ucinet"]

LARGEST_NETWORK: Final = 60


class Network:
    """Ties between numbered vertices, as Pajek and UCINET write them."""

    def __init__(self, reader: Reader, count: int, row: int) -> None:
        if not 2 <= count <= LARGEST_NETWORK:
            found = _("{count} vertices").format(count=count)
            raise CellsError(found, _("{low} to {high}").format(low=2, high=LARGEST_NETWORK), row)
        self.reader, self.count = reader, count
        self.labels: dict[int, tuple[str, int]] = {}
        self.embedded = False
        self.children: dict[int, str | None] = {}
        self.pairs: set[tuple[int, int]] = set()

    def vertex(self, word: str, row: int) -> int:
        """The number of a vertex, which a file may name by its label."""
        if not self.embedded and word.isascii() and word.isdigit() and 1 <= int(word[:6]) <= self.count:
            return int(word)
        place = next((n for n, (label, _row) in self.labels.items() if key(label) == key(word)), None)
        if place is None:
            allowed = _("a vertex from 1 to {count}").format(count=self.count)
            raise CellsError(quoted(word), allowed, row)
        return place

    def name(self, vertex: int, row: int) -> str | None:
        """The child that a vertex is; without labels, vertices are in the order of the class list."""
        if vertex not in self.children:
            if not self.labels and self.count == len(self.reader.names):
                self.reader.note(_("vertices are in the order of the class list"))
                self.children[vertex] = self.reader.names[vertex - 1]
            else:
                label, place = self.labels.get(vertex, (str(vertex), row))
                self.children[vertex] = self.reader.child(label, place, None)
        return self.children[vertex]

    def tell(self, i: int, j: int, said: str, row: int) -> None:
        """Take what is said of two vertices, if both are children."""
        who, whom = self.name(i, row), self.name(j, row)
        if who is not None and whom is not None:
            self.reader.tell(Answer(who, whom, said, row))

    def tie(self, who: str, whom: str, said: str, row: int, *, both: bool = False) -> None:
        """Take a tie; one without a direction is two."""
        i, j = self.vertex(who, row), self.vertex(whom, row)
        if both:
            self.reader.note(_("ties without a direction count both ways"))
        for pair in ((i, j), (j, i)) if both else ((i, j),):
            if i != j and not (both and pair in self.pairs):
                self.pairs.add(pair)
                self.tell(*pair, said, row)

    def vector(self, i: int, cells: Sequence[str], row: int) -> None:
        """Take a row of a matrix."""
        if i > self.count:
            raise CellsError(_("{count} rows").format(count=i), str(self.count), row)
        if len(cells) != self.count:
            raise CellsError(_("{count} columns").format(count=len(cells)), str(self.count), row)
        for j, cell in enumerate(cells, start=1):
            if i != j:
                if number_in(cell) is None:
                    raise CellsError(quoted(cell), _("a number"), row)
                self.tell(i, j, cell, row)


def words_of(line: str) -> list[str]:
    """The words of a line; what stands between quotation marks is one."""
    return [quoted or word for quoted, word in re.findall(r'"([^"]*)"|([^\s,"]+)', line)]


def pajek(reader: Reader, text: str) -> None:
    """A network of Pajek: vertices, then arcs (with a direction) and edges (without), as pairs, lists or a matrix."""
    network: Network | None = None
    part = kind = ""
    position = 0
    for row, line in enumerate(text.splitlines(), start=1):
        words = words_of(line)
        if not words or line.lstrip().startswith("%"):
            continue
        if words[0].startswith("*"):
            part, kind, position = words[0][1:].casefold(), kind_of_part(line, row), 0
            if part == "vertices":
                if network is not None or not re.fullmatch("[0-9]{1,6}", "".join(words[1:2])):
                    raise CellsError(quoted(line), _("one network, “*Vertices n”"), row)
                network = Network(reader, int(words[1]), row)
            elif part != "network" and part not in PARTS:
                raise CellsError(quoted(line), ", ".join(f"*{each.capitalize()}" for each in PARTS), row)
        elif network is None or part not in PARTS:
            raise CellsError(quoted(line), "*Vertices", row)
        else:
            position += 1
            reader.are_ratings = part == "matrix"
            PARTS[part](network, words, kind, position, row)


def kind_of_part(line: str, row: int) -> str:
    """The kind of ties that a part of a network of Pajek has, if it says so in quotation marks."""
    found = re.search('"([^"]*)"', line)
    kind = key(found[1]) if found and not re.match(r"\s*\*(network|vertices)", line, re.IGNORECASE) else ""
    if kind not in KINDS:
        raise CellsError(quoted(kind), _("like or dislike (blank is like)"), row)
    return kind


def label_line(network: Network, words: Sequence[str], _kind: str, _position: int, row: int) -> None:
    """A vertex and its label."""
    place = network.vertex(words[0], row)
    if len(words) > 1:
        network.labels[place] = clean(words[1]), row


def pair_line(network: Network, words: Sequence[str], kind: str, row: int, *, both: bool) -> None:
    """Two vertices, and what the tie between them is worth."""
    if len(words) < 2:
        raise CellsError(quoted(words[0]), _("two vertices"), row)
    network.tie(words[0], words[1], kind or "".join(words[2:3]), row, both=both)


def list_line(network: Network, words: Sequence[str], kind: str, row: int, *, both: bool) -> None:
    """A vertex, and all those that it has a tie to."""
    for whom in words[1:]:
        network.tie(words[0], whom, kind, row, both=both)


PARTS: Final[Mapping[str, Callable[[Network, Sequence[str], str, int, int], None]]] = {
    "vertices": label_line,
    "arcs": lambda network, words, kind, _position, row: pair_line(network, words, kind, row, both=False),
    "edges": lambda network, words, kind, _position, row: pair_line(network, words, kind, row, both=True),
    "arcslist": lambda network, words, kind, _position, row: list_line(network, words, kind, row, both=False),
    "edgeslist": lambda network, words, kind, _position, row: list_line(network, words, kind, row, both=True),
    "matrix": lambda network, words, _kind, position, row: network.vector(position, words, row),
}
"""Parts of a network of Pajek, and how a line of each is read."""


def ucinet(reader: Reader, text: str) -> None:
    """A network of UCINET in its DL format: a full matrix, or a list of edges or of nodes."""
    lines = list(enumerate(text.splitlines(), start=1))
    start = next((at for at, (_row, line) in enumerate(lines) if re.match(r"\s*data\s*:", line, re.IGNORECASE)), None)
    head = "\n".join(line for _row, line in lines[:start])
    told = re.search(r"\bn\s*=\s*([0-9]{1,6})\b", head, re.IGNORECASE)
    form = re.search(r"\bformat\s*=\s*(\w+)", head, re.IGNORECASE)
    how = form[1].casefold() if form else "fullmatrix"
    if start is None or told is None or how not in {"fullmatrix", "edgelist1", "nodelist1"}:
        raise CellsError(
            quoted(" ".join(head.split())), "“DL N=… FORMAT=FULLMATRIX | EDGELIST1 | NODELIST1”, “DATA:”", 1
        )
    if re.search(r"\bn[mrc]\s*=\s*(?!1\b)[0-9]", head, re.IGNORECASE):
        raise CellsError(_("several matrices, or rows and columns that differ"), _("one square matrix"), 1)
    network = Network(reader, int(told[1]), 1)
    embedded = re.search(r"labels\s+embedded", head, re.IGNORECASE) is not None
    listed = re.search(r"labels\s*:(.*)", head, re.IGNORECASE | re.DOTALL)
    apart = [label for label in re.split(r"[,\n]", listed[1]) if label.strip()] if listed and '"' not in head else []
    labels = apart if len(apart) == network.count else words_of(listed[1]) if listed else []
    for place, label in enumerate(labels[: network.count], start=1):
        network.labels[place] = clean(label), 1
    data = [(row, words) for row, line in lines[start + 1 :] if (words := words_of(line))]
    if how == "fullmatrix":
        full_matrix(network, data, embedded=embedded)
    else:
        node_lists(network, data, edges=how == "edgelist1", embedded=embedded)


def full_matrix(network: Network, data: list[tuple[int, list[str]]], *, embedded: bool) -> None:
    """All answers of a row in a line; with embedded labels, those of columns stand in the first."""
    if embedded and data:
        row, labels = data.pop(0)
        network.labels = {place: (clean(label), row) for place, label in enumerate(labels, start=1)}
        data = [(row, words[1:]) for row, words in data]
    if len(data) != network.count:
        raise CellsError(_("{count} rows").format(count=len(data)), str(network.count))
    for place, (row, words) in enumerate(data, start=1):
        network.vector(place, words, row)


def node_lists(network: Network, data: Sequence[tuple[int, list[str]]], *, edges: bool, embedded: bool) -> None:
    """Who, whom and what the tie is worth in a line; or who, and all those whom it names."""
    network.reader.are_ratings = False
    if embedded:
        network.embedded = True  # a number is a label, too
        named = {word: row for row, words in reversed(data) for word in (words[:2] if edges else words)}
        network.labels = {n: (clean(word), row) for n, (word, row) in enumerate(named.items(), start=1)}
        if len(named) > network.count:
            found = _("{count} vertices").format(count=len(named))
            raise CellsError(found, str(network.count))
    for row, words in data:
        for whom in words[1:2] if edges else words[1:]:
            network.tie(words[0], whom, "".join(words[2:3]) if edges else "", row)


def in_xml(reader: Reader, text: str) -> None:
    """A network in GraphML, or in Gephi's GEXF: nodes with a label or name, edges with a kind or a weight."""
    import networkx as nx

    told = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    if re.search(r"<!\s*(doctype|entity)", told, re.IGNORECASE):
        raise CellsError(_("XML that defines something of its own"), _("GraphML or GEXF without <!DOCTYPE>"))
    # What is read of a network is the same in all versions, of which networkx does not know the newest.
    as_gexf = re.sub(r"http://(www\.)?gexf\.net/[\w.]+(?=[\"'])", "http://www.gexf.net/1.2draft", told)
    try:
        graph = nx.read_gexf(io.BytesIO(as_gexf.encode())) if "<gexf" in told else nx.parse_graphml(told.lstrip())
        nodes = {node: dict(data) for node, data in graph.nodes(data=True)}
        edges = [(i, j, dict(data)) for i, j, data in graph.edges(data=True)]
    except Exception as error:
        raise CellsError(
            _("something other than GraphML or GEXF"), _("GraphML or GEXF, as programs for networks write it")
        ) from error
    names = {node: reader.child(named(node, data, reader), None, None) for node, data in nodes.items()}
    reader.are_ratings = False
    if not graph.is_directed():
        reader.note(_("ties without a direction count both ways"))
    for i, j, data in edges:
        said = next((data[word] for word in ("kind", "type", "relation", "weight") if word in data), "")
        for pair in ((i, j),) if graph.is_directed() else ((i, j), (j, i)):
            who, whom = (names[node] for node in pair)
            if who is not None and whom is not None:
                reader.tell(Answer(who, whom, clean(str(said))))


def named(node: object, data: Mapping[str, object], reader: Reader) -> str:
    """The name of a node: of what it is called, what is in the class list."""
    called = [clean(str(data[word])) for word in ("label", "name", "Label", "id") if data.get(word) is not None]
    return next((each for each in (*called, str(node)) if key(each) in reader.known), (called or [clean(str(node))])[0])
