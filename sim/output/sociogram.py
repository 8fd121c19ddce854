"""The sociogram as files: for programs that draw networks, and for spreadsheets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.files.spreadsheet import write_table

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["write_edges", "write_graphml"]


def write_graphml(graph: nx.DiGraph, path: Path) -> None:
    """Write the sociogram as GraphML."""
    import networkx as nx

    nx.write_graphml(graph, path)


def write_edges(graph: nx.DiGraph, path: Path) -> None:
    """Write the sociogram's nominations as a CSV edge list: who, whom, kind, liking."""
    import pandas as pd

    names = graph.nodes(data="name")
    rows = [(names[i], names[j], edge["kind"], edge["liking"]) for i, j, edge in graph.edges(data=True)]
    write_table(pd.DataFrame(rows, columns=["who", "whom", "kind", "liking"]), path)
