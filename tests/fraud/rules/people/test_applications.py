"""Applications of people who do not exist: canonical, repeatable, labelled, and spoiled as papers are."""

from collections import Counter
from random import Random

import pytest
from msgspec.structs import replace

from fraud.rules.canonical import from_json, to_json
from fraud.rules.elements import is_sin, registry_elements
from fraud.rules.people.applications import RING_STRETCH, applications, labelled_applications
from fraud.rules.people.noise import Rates, mistyped, noisy_copy, noisy_party, scanned

MADE = list(labelled_applications(7, 12_000))


def test_applications_are_canonical() -> None:
    assert all(from_json(to_json(each.application)) == each.application for each in MADE)
    assert len({each.application.reference for each in MADE}) == len(MADE)


def test_the_same_number_gives_the_same_application() -> None:
    assert list(applications(7, 5, start=4_094)) == [each.application for each in MADE[4_094:4_099]]


def test_some_apply_again_and_some_with_a_partner() -> None:
    people = Counter(each.person for each in MADE)
    joint = [each for each in MADE if len(each.application.parties) > 1]

    assert 0.04 < sum(count - 1 for count in people.values()) / len(MADE) < 0.12
    assert 0.03 < len(joint) / len(MADE) < 0.2
    assert all(each.application.parties[1].role == "joint" for each in joint)


def test_a_ring_shares_what_rings_share() -> None:
    of_rings = [each for each in MADE if each.ring is not None]
    first = [each.application for each in of_rings if each.ring == 0]

    assert {each.ring for each in of_rings} == set(range(12_000 // RING_STRETCH))
    assert len({each.device_id for each in first}) == 1
    assert len({each.main.addresses[0].line for each in first}) == 1
    assert len({each.main.phones for each in first}) == 1
    assert all(each.fraud is not None for each in of_rings)
    assert all(each.ring is not None for each in MADE if each.fraud)


def test_noise_comes_from_the_hand_that_is_given() -> None:
    application = MADE[0].application

    assert noisy_copy(application, Random(3)) == noisy_copy(application, Random(3))
    assert len({to_json(noisy_copy(application, Random(seed))) for seed in range(50)}) > 20


def test_spoiled_papers_are_canonical_still() -> None:
    rng = Random(5)
    copies = [noisy_copy(each.application, rng) for each in MADE[:2_000]]

    assert all(from_json(to_json(each)) == each for each in copies)
    assert all(is_sin(each.main.national_id) for each in copies if each.main.national_id)


def test_most_spoiled_papers_still_share_elements() -> None:
    rng = Random(5)
    shared = [
        {(each.kind, each.value) for each in registry_elements(made.application)}
        & {(each.kind, each.value) for each in registry_elements(noisy_copy(made.application, rng))}
        for made in MADE[:2_000]
    ]

    assert sum(bool(each) for each in shared) > 1_980


@pytest.mark.parametrize("field", ["nickname", "typo", "moved", "email_missing"])
def test_without_noise_nothing_changes_and_with_it_something_does(field: str) -> None:
    still = dict.fromkeys(Rates.__dataclass_fields__, 0.0)
    party = replace(MADE[0].application.main, given_name="Robert")

    assert noisy_party(party, Random(1), Rates(**still)) == party
    assert any(noisy_party(party, Random(seed), Rates(**still | {field: 1.0})) != party for seed in range(5))


def test_slips_of_hand_and_scanner_stay_small() -> None:
    rng = Random(1)

    assert all(abs(len(mistyped("Tremblay", rng)) - 8) <= 1 for _ in range(50))
    assert all(scanned("Tremblay", rng) != "Tremblay" for _ in range(10))
    assert mistyped("X", rng) == "X"
    assert scanned("XY", rng) == "XY"
