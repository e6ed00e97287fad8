"""The studio's forms: samples cut into records, layouts, and the fields that can be added."""

import msgspec
import pytest
from django.http import QueryDict

from fraud.forms.mappings import FieldLine, LayoutForm, lines_of, lines_posted, open_targets
from fraud.forms.samples import decoded, flat, sample_of
from fraud.rules.translation import Kind, Layout, canonical_document
from fraud.rules.translation import document as d

CSV = "ref,name\nA-1,Tremblay\nA-2,Roy\n"


def test_a_csv_sample_gives_its_records_and_columns() -> None:
    sample = sample_of(CSV, Layout(kind=Kind.CSV))

    assert sample.columns == ("ref", "name")
    assert sample.records == ({"ref": "A-1", "name": "Tremblay"}, {"ref": "A-2", "name": "Roy"})


def test_a_ragged_row_is_told_at_its_place_and_keeps_no_other_from_being_read() -> None:
    sample = sample_of("ref,name\nA-1\nA-2,Roy\n", Layout(kind=Kind.CSV))

    assert isinstance(sample.records[0], str)
    assert sample.records[1] == {"ref": "A-2", "name": "Roy"}


@pytest.mark.parametrize(
    ("text", "layout", "columns"),
    [
        ('{"a": {"b": 1}, "c": [{"d": 2}]}\n', Layout(kind=Kind.JSONL), ("a.b", "c[0].d")),
        ('{"rows": [{"a": 1}]}', Layout(kind=Kind.JSON, records="rows"), ("a",)),
        ("<all><row><a>1</a></row></all>", Layout(kind=Kind.XML, record_element="row"), ("a",)),
        (
            "A-1  Roy\n",
            Layout(kind=Kind.FIXED, fixed_columns=(d.FixedColumn(name="ref", start=1, width=5),)),
            ("ref",),
        ),
    ],
)
def test_each_format_gives_the_sources_that_can_be_chosen(
    text: str, layout: Layout, columns: tuple[str, ...]
) -> None:
    assert sample_of(text, layout).columns == columns


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("{", Layout(kind=Kind.JSON)),
        ("<a><b>", Layout(kind=Kind.XML, record_element="b")),
        ("[" * 100_000, Layout(kind=Kind.JSON)),
    ],
)
def test_a_sample_that_is_none_is_told_in_words(text: str, layout: Layout) -> None:
    sample = sample_of(text, layout)

    assert sample.problem
    assert not sample.records


def test_a_file_is_read_in_whatever_characters_it_came() -> None:
    words = "Geneviève"

    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        assert decoded(words.encode(encoding)) == words


def test_a_layout_comes_back_from_its_form_as_it_was() -> None:
    layout = Layout(kind=Kind.FIXED, fixed_columns=(d.FixedColumn(name="family name", start=1, width=30),))
    document = d.MappingDocument(layout=layout, time_zone="America/Toronto", empty_values=("N/A", "-"))
    initial = LayoutForm.initial_of(document)
    unbound = LayoutForm(initial=initial)
    sent = {name: unbound[name].value() for name in unbound.fields if unbound[name].value()}

    form = LayoutForm(sent)

    assert form.is_valid(), form.errors
    assert msgspec.convert(form.layout(), Layout) == layout
    assert form.cleaned_data["empty_values"] == ("N/A", "-")


def test_posted_fields_come_back_and_invented_ones_do_not() -> None:
    lines = lines_of(canonical_document())[:3]
    query = QueryDict(mutable=True)
    query["fields"] = "4"
    for number, line in enumerate(lines):
        query[f"field-{number}-target"], query[f"field-{number}-source"] = line.target, line.source
        query[f"field-{number}-steps"] = line.steps_json
    query["field-3-target"] = "parties[0].shoe_size"

    assert lines_posted(query) == lines


def test_steps_that_are_none_are_left_out() -> None:
    query = QueryDict('fields=1&field-0-target=reference&field-0-steps=[{"step":"exec"}]')

    assert lines_posted(query) == [FieldLine("reference")]


def test_the_next_item_of_a_list_can_be_added_and_none_beyond() -> None:
    groups = open_targets([FieldLine("parties[0].phones[0].number")], has_lists=False)

    paths = {path for _group, choices in groups for path, _words in choices}
    assert {"reference", "parties[0].phones[1].number", "parties[1].family_name"} <= paths
    assert (
        not {"parties[0].phones[0].number", "parties[0].phones[2].number", "parties[2].family_name"} & paths
    )
    assert not [path for path in paths if "*" in path]


def test_a_record_is_laid_out_as_paths() -> None:
    assert flat({"a": [{"b": 1}, 2], "c": None}) == [("a[0].b", 1), ("a[1]", 2), ("c", None)]
