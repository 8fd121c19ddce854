"""The network of a class over a year: its table week by week, as a file too, and in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from strategies import chosen_for, small

from sim.cli.terminal import network_lines
from sim.files.language import Language, use
from sim.output.run_folder import data_files
from sim.peers import ClassNetwork, class_network, nominations
from sim.record import Record, Twins
from sim.run import simulate, twins
from sim.year.network import network_in_words, network_table


@pytest.fixture(scope="module")
def pair() -> Twins:
    """Three weeks of four days, without and with an intervention."""
    return twins(small(size=12, weeks=3, days_per_week=4, interventions=[chosen_for("banking-time", count=3)]))


def test_the_table_has_a_row_a_week(pair: Twins) -> None:
    table = network_table(pair)
    names = (*ClassNetwork._fields, "network_turnover_week")
    assert list(table) == ["week", "day", *(f"{name}_{arm}" for name in names for arm in ("without", "with"))]
    assert table["week"].tolist() == [0, 1, 2, 3]
    assert table["day"].tolist() == [0, 4, 8, 12]
    for arm, record in (("without", pair.without), ("with", pair.with_)):
        for row in table.to_dict("records"):
            day = row["day"]
            network = class_network(record.liking[day], record.children["sex"][day], record.liking[0])
            found = [row[f"{name}_{arm}"] for name in ClassNetwork._fields]
            assert found == pytest.approx(network, rel=0, abs=0, nan_ok=True)
            if day:
                before, now = (nominations(record.liking[evening])[0] for evening in (day - 4, day))
                assert row[f"network_turnover_week_{arm}"] == (before & ~now).sum() / before.sum()
        assert np.isnan(table[f"network_turnover_week_{arm}"][0])
        assert table[f"network_turnover_{arm}"][0] == 0


def test_the_file_has_what_the_table_has_and_null_where_there_is_no_number(pair: Twins, tmp_path: Path) -> None:
    (tmp_path / "network.parquet").write_bytes(data_files(pair)["network.parquet"])
    found = pq.read_table(tmp_path / "network.parquet")
    pd.testing.assert_frame_equal(found.to_pandas(), network_table(pair), check_exact=True)
    assert found["network_turnover_week_with"].to_pylist()[0] is None
    assert found["week"].null_count == 0


def year_of(start: str, end: str) -> Record:
    """A year of six children who at the start and at the end like those who are named: "01": 0 likes 1."""
    record = simulate(small(size=6, weeks=1))
    liking = np.zeros_like(record.liking)
    for day, ties in ((0, start), (len(liking) - 1, end)):
        for tie in ties.split():
            liking[day, int(tie[0]), int(tie[1])] = 0.8 if tie[2:] == "" else -0.8
    return replace(record, liking=liking)


TOLD = {
    "en": (
        "On average a child likes 1.5 of 5 classmates; 0.7 of them like the child back.",
        "Gone since the start: 2 of 4 likes.",
        "Children rejected: 1; neglected: 1.",
    ),
    "nl": (
        "Een kind kiest gemiddeld 1,5 van de 5 klasgenoten; 0,7 van hen kiezen terug.",
        "Weg sinds het begin: 2 van de 4 keuzes.",
        "Verworpen kinderen: 1; genegeerde: 1.",
    ),
}


@pytest.mark.parametrize("language", ["en", "nl"])
def test_words(language: Language) -> None:
    """The class of `test_peers.HAND_STATUS` at the end; at the start nothing has gone yet."""
    liked, disliked = "10 20 30 40 01 03 13 23 54", "31 02 12 32 42 43 53 34"
    record = year_of("10 01 25 42", f"{liked} {' '.join(f'{tie}-' for tie in disliked.split())}")
    with use(language):
        assert network_in_words(record, 5) == " ".join(TOLD[language])
        at_the_start = network_in_words(record, 0)
    assert TOLD[language][1][:9] not in at_the_start
    assert at_the_start.endswith(TOLD[language][2].replace("1", "0"))


def test_words_where_nobody_likes_anybody() -> None:
    said = network_in_words(year_of("", ""), 5)
    assert said.startswith("On average a child likes 0.0 of 5 classmates; 0.0 of them like the child back. ")
    assert "0 of 0 likes" in said


def test_the_terminal_tells_it_of_each_class(pair: Twins) -> None:
    without, with_ = (network_in_words(record, 12) for record in (pair.without, pair.with_))
    assert network_lines(pair, intervened=True) == [f"without: {without}", f"with: {with_}"]
    assert network_lines(Twins(pair.without, pair.without), intervened=False) == [without]
