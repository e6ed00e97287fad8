"""People who are on record are found again, and those who live with them are not taken for them."""

from bench.match import ours
from bench.match_corpus import corpus, is_on_record

FOUND = ours(corpus(2_000, 1_000))


def test_people_with_an_id_are_found_again() -> None:
    assert FOUND["with_id"]["f1"] > 0.985
    assert FOUND["with_id"]["precision"] > 0.995


def test_most_are_found_again_without_one() -> None:
    assert FOUND["without_id"]["f1"] > 0.97
    assert FOUND["without_id"]["recall"] < FOUND["with_id"]["recall"]


def test_hardly_anybody_is_taken_for_another() -> None:
    assert FOUND["with_id"]["false_hits_per_1000"] <= 1
    assert FOUND["without_id"]["false_hits_per_1000"] <= 1


def test_half_of_those_who_apply_are_on_no_record() -> None:
    people = corpus(2_000, 1_000)
    numbers = {person.number for person in people.people()}

    truths = [probe.truth for probe in people.probes]
    assert truths.count(None) == 500
    assert len(numbers) == 2_000
    assert all(is_on_record(number) for number in numbers)
    assert {truth for truth in truths if truth is not None} <= numbers
