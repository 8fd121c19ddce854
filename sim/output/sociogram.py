"""The sociogram as files: for programs that draw networks, and for spreadsheets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sim.files.spreadsheet import write_table

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["write_edges", "write_graphml"]


NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot have, in whatever way they are written."""


def write_graphml(graph: nx.DiGraph, file: Path | BinaryIO) -> None:
    """Write the sociogram as GraphML for Gephi, yEd and igraph.

    A node has its name as `label`, too; the `weight` of an edge is how far liking is from indifference, for programs
    that take no negative ones: `kind` says to which side. What XML cannot have in a name becomes U+FFFD.
    """
    import networkx as nx

    written = graph.copy()
    for node in written.nodes.values():
        node["name"] = node["label"] = NOT_XML.sub("\N{REPLACEMENT CHARACTER}", node["name"])
    for _who, _whom, edge in written.edges(data=True):
        edge["weight"] = abs(edge["liking"])
    nx.write_graphml(written, file)


def write_edges(graph: nx.DiGraph, path: Path) -> None:
    """Write the sociogram's nominations as a CSV edge list: who, whom, kind, liking."""
    import pandas as pd

    names = graph.nodes(data="name")
    rows = [(names[i], names[j], edge["kind"], edge["liking"]) for i, j, edge in graph.edges(data=True)]
    write_table(pd.DataFrame(rows, columns=["who", "whom", "kind", "liking"]), path)
