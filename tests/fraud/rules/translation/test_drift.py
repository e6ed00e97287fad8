"""Drift: what changed is told, what stayed is not, and few records tell nothing; counts hold no values."""

from dataclasses import replace
from typing import Any

import pytest

from fraud.rules.translation import compile_mapping
from fraud.rules.translation.drift import (
    MOST_NAMES,
    DriftWatch,
    Seen,
    added,
    drift,
    from_builtins,
    to_builtins,
)
from tests.fraud.rules.translation.sample import ROW, document, field

BANK = compile_mapping(document())


def seen(records: int = 100, **cells: Any) -> Seen:
    watch = DriftWatch(BANK)
    for _each in range(records):
        row = ROW | cells
        watch.see(row, BANK.translate(row).faults)
    return watch.seen


def test_records_as_before_warn_of_nothing() -> None:
    assert drift(seen(), seen()) == []


@pytest.mark.parametrize(
    ("cells", "code", "source"),
    [
        ({"Neu": "x"}, "unknown-field", "Neu"),
        ({"Courriel": " "}, "emptier", "Courriel"),
        ({"Tel2": "5145550199"}, "fuller", "Tel2"),
        ({"Produit": "ZZ"}, "outside-list", "Produit"),
    ],
)
def test_what_changed_is_told_with_its_source(cells: dict[str, Any], code: str, source: str) -> None:
    found = drift(seen(), seen(**cells))

    assert (code, source) in [(each.code, each.source) for each in found]


def test_more_refusals_than_before_are_told() -> None:
    assert [each.code for each in drift(seen(), seen(NAS="1"))] == ["more-refused"]


def test_a_few_records_tell_nothing() -> None:
    assert drift(seen(), seen(records=10, Courriel="", Neu="x")) == []


def test_an_ignored_column_is_no_news() -> None:
    watch = DriftWatch(compile_mapping(document(ignored=["Neu"])))
    watch.see(ROW | {"Neu": "x"})

    assert watch.seen.unknown == {}


def test_counts_add_up_and_are_kept() -> None:
    both = added(seen(records=3), seen(records=4, Courriel=""))

    assert (both.records, both.empty["Courriel"]) == (7, 4)
    assert from_builtins(to_builtins(both)) == both


def test_a_sender_who_invents_names_fills_no_table() -> None:
    watch = DriftWatch(BANK)
    for number in range(500):
        watch.see(ROW | {f"x{number}": "1"})

    assert len(watch.seen.unknown) == MOST_NAMES


def test_no_value_of_a_record_is_kept() -> None:
    assert "TREMBLAY" not in str(to_builtins(seen(Neu="TREMBLAY")))


def test_columns_of_a_file_without_header_are_called_by_their_place() -> None:
    layout = {"kind": "csv", "delimiter": ";", "has_header": False, "columns": [*ROW, "TREMBLAY"]}
    watch = DriftWatch(compile_mapping(document(layout=layout)))

    watch.see(ROW | {"TREMBLAY": "x"})

    assert watch.seen.unknown == {f"#{len(ROW) + 1}": 1}


@pytest.mark.parametrize(
    "name", ["046 454 286", "1988-04-09", "g.tremblay@example.com", "5145550123", "x" * 81]
)
def test_a_name_that_may_be_somebodys_data_is_not_kept(name: str) -> None:
    assert seen(records=1, **{name: "x"}).unknown == {f"#{len(ROW) + 1}": 1}


@pytest.mark.parametrize("name", ["Adresse 2", "addr_line_1_2024", "CodePostal"])
def test_a_name_with_few_digits_is_a_name(name: str) -> None:
    assert seen(records=1, **{name: "x"}).unknown == {name: 1}


@pytest.mark.parametrize(
    ("record", "missing"),
    [
        ({"who": [{"tel": "1"}, {}], "zip": {"code": "H2X"}}, []),
        ({"who": [{"tel": " "}, {}], "zip": {"code": "H2X"}}, ["who[*].tel"]),
        ({"who": [], "zip": [{"code": "H2X"}]}, ["who[*].tel"]),
        ({"who": {"tel": "1"}, "zip": "H2X"}, ["zip.code"]),
        ({}, ["who[*].tel", "zip.code"]),
    ],
)
def test_of_a_tree_paths_with_nothing_are_counted(record: dict[str, Any], missing: list[str]) -> None:
    fields = [
        field("parties[*].phones[0].number", "who[*].tel"),
        field("parties[0].addresses[0].postal_code", "zip.code"),
    ]
    compiled = replace(
        BANK, document=document(layout={"kind": "json"}), sources=frozenset(each["source"] for each in fields)
    )
    watch = DriftWatch(compiled)

    watch.see(record)

    assert sorted(watch.seen.empty) == missing


def test_of_a_file_of_trees_some_records_stand_for_all() -> None:
    compiled = compile_mapping(document(layout={"kind": "json"}))
    usual, now = DriftWatch(compiled, every=2), DriftWatch(compiled, every=2)
    for _each in range(120):
        usual.see(ROW)
        now.see(ROW | {"Courriel": ""})

    assert (now.seen.records, now.seen.looked, now.seen.empty["Courriel"]) == (120, 60, 60)
    assert [(each.code, each.source, each.share) for each in drift(usual.seen, now.seen)] == [
        ("emptier", "Courriel", 1.0)
    ]


def test_counts_of_a_time_when_all_were_looked_through_are_read() -> None:
    assert from_builtins({"records": 7, "empty": {"Tel2": 7}}).looked == 7
