"""Names that are one person's meet, and those of two people do not."""

import pytest

from fraud.rules.elements.names import MOST_NAMES, family_sounds, fold, given_sounds, name_sounds


def whole(given: str, family: str, middle: str = "") -> set[str]:
    return set(name_sounds(given_sounds(given, middle), family_sounds(family)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Geneviève", "GENEVIEVE"),
        ("Robert", "Bob"),
        ("William", "Liam"),
        ("Chris", "Christine"),
        ("Chris", "Christopher"),
        ("Sam", "Samantha"),
        ("Ted", "Edward"),
        ("Catherine", "Kathryn"),
        ("Jean-Pierre", "Jean Pierre"),
        ("Jean-Pierre", "Pierre"),
        ("Dr. Robert", "Robert"),
        ("J. Robert", "Robert"),
        ("R0bert", "Robert"),
        ("D1na", "Dina"),
        ("Ab1gail", "Abigail"),
        ("A1ice", "Alice"),
        ("Phillip", "Filip"),
    ],
)
def test_spellings_of_one_given_name_meet(one: str, other: str) -> None:
    assert set(given_sounds(one)) & set(given_sounds(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Marie-Claude", "Marie-Josée"),
        ("Samuel", "Samantha"),
        ("Christopher", "Christine"),
        ("Robert", "Roger"),
        ("Peter", "Paul"),
    ],
)
def test_given_names_of_two_people_do_not_meet(one: str, other: str) -> None:
    assert not set(given_sounds(one)) & set(given_sounds(other))


def test_a_middle_name_completes_a_compound_one() -> None:
    assert set(given_sounds("Jean", "Pierre")) & set(given_sounds("Jean-Pierre"))
    assert not set(given_sounds("Jean", "Paul")) & set(given_sounds("Jean-Pierre"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tremblay", "TREMBLAY"),
        ("Tremblay-Gagnon", "Gagnon"),
        ("Tremblay-Gagnon", "Tremblay Gagnon"),
        ("Tremblay-Gagnon", "Tremblay"),
        ("O'Brien", "O Brien"),
        ("O’Brien", "OBrien"),
        ("MacDonald", "McDonald"),
        ("Mac Donald", "McDonald"),
        ("St-Pierre", "Saint Pierre"),
        ("Ste-Marie", "Sainte-Marie"),
        ("Le Blanc", "Leblanc"),
        ("de la Cruz", "Delacruz"),
        ("de la Cruz", "Cruz"),
        ("van der Berg", "Berg"),
        ("Perreault", "Perrot"),
        ("Smith Jr.", "Smith"),
        ("Gagné", "Gagne"),
        ("Łukasz", "Lukasz"),
        ("Tremb1ay", "Tremblay"),
    ],
)
def test_spellings_of_one_family_name_meet(one: str, other: str) -> None:
    assert set(family_sounds(one)) & set(family_sounds(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("Tremblay", "Gagnon"), ("Li", "Liu"), ("Wu", "Wong"), ("Smith", "Jones"), ("Ng", "Nguyen")],
)
def test_family_names_of_two_people_do_not_meet(one: str, other: str) -> None:
    assert not set(family_sounds(one)) & set(family_sounds(other))


def test_swapped_given_and_family_names_meet() -> None:
    assert whole("Martin", "Simon") == whole("Simon", "Martin")
    assert whole("Martin", "Simon") != whole("Martin", "Simard")


def test_readings_are_bounded() -> None:
    assert len(family_sounds("Un Deux Trois Quatre Cinq")) == 2
    assert len(whole("Chris", "Tremblay-Gagnon")) <= MOST_NAMES


@pytest.mark.parametrize("nothing", ["", " ", "-", "J.", "''"])
def test_nothing_sounds_like_nothing(nothing: str) -> None:
    assert given_sounds(nothing) == ()


def test_names_of_another_script_are_themselves() -> None:
    assert whole("伟", "王") == whole("伟", "王")
    assert whole("伟", "王") != whole("伟", "李")
    assert fold("ÉLISE Œuvray") == "elise oeuvray"
