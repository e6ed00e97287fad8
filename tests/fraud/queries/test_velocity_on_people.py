"""The same counts as from plain lists, over generated applicants with rings; and what the default makes of them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import pytest

from fraud.models import Application, FraudElement
from fraud.queries.velocity import velocity
from fraud.rules.decisions import Outcome
from fraud.rules.elements import bare, own_elements
from fraud.rules.people.applications import Labelled, labelled_applications
from fraud.rules.rulebook import compile_rulebook, default_document
from fraud.rules.signals import facts, own_facts
from portal.crypto.tokens import token
from tests.makers_fraud import NOW, make_institution

Elements = Sequence[tuple[str, bytes]]


def elements_of(labelled: Labelled) -> Elements:
    key = b"k" * 32
    return sorted({(e.kind, token(key, e.kind, e.value)) for e in own_elements(labelled.application)})


def stored(people: Sequence[Labelled], elements: Sequence[Elements]) -> list[int]:
    """All of them as rows of one moment, in their order."""
    bank = make_institution()
    rows = Application.objects.bulk_create(
        Application(
            institution=bank,
            public_id=f"app_{place}",
            row_number=place,
            reference=each.application.reference,
            facts_digest=b"d" * 16,
            product=each.application.product,
            channel=each.application.channel,
            currency="CAD",
            amount=each.application.amount,
            submitted_at=each.application.submitted_at,
            arrived_at=NOW,
            sealed=b"s",
        )
        for place, each in enumerate(people)
    )
    FraudElement.objects.bulk_create(
        FraudElement(
            institution=bank, application=row, kind=kind, token=value, arrived_at=NOW, row_number=place
        )
        for place, (row, own) in enumerate(zip(rows, elements, strict=True))
        for kind, value in own
    )
    return [row.pk for row in rows]


def counted(elements: Sequence[Elements]) -> list[dict[str, int]]:
    """Count as one would on paper: everything happens at one moment, so every window holds all of it."""
    seen: dict[bytes, list[int]] = defaultdict(list)
    found = []
    for place, own in enumerate(elements):
        counts: dict[str, int] = {}
        for kind, value in own:
            name, before = bare(kind).replace("-", "_"), seen[value][-50:]
            if before and name != "sin_birth":
                for days in (1, 7, 30, 90):
                    field = f"same_{name}_{days}d"
                    counts[field] = max(counts.get(field, 0), len(before))
        for name, others in _other_sins(own, elements, seen).items():
            counts[f"{name}_other_sins"] = others
        found.append(counts)
        for _kind, value in own:
            seen[value].append(place)
    return found


def _other_sins(own: Elements, elements: Sequence[Elements], seen: Any) -> dict[str, int]:
    mine = {value for kind, value in own if bare(kind) == "sin"}
    others: dict[str, set[bytes]] = defaultdict(set)
    for kind, value in own:
        if bare(kind) in {"phone", "email", "device", "address", "account"}:
            for place in seen[value][-50:]:
                others[bare(kind)] |= {v for k, v in elements[place] if bare(k) == "sin"} - mine
    return {name: len(found) for name, found in others.items() if found}


@pytest.mark.django_db
def test_counts_as_on_paper_and_finds_rings_among_the_honest() -> None:
    people = list(labelled_applications(7, 2_000))
    elements = [elements_of(each) for each in people]
    ids = stored(people, elements)

    found = velocity(ids)

    plain = [
        {name: count for name, count in found.get(pk, {}).items() if name != "sin_birth_dates_differ"}
        for pk in ids
    ]
    assert plain == counted(elements)
    assert sum(map(bool, plain)) > 200

    book = compile_rulebook(default_document())
    outcomes: Counter[tuple[bool, Outcome]] = Counter()
    for pk, each in zip(ids, people, strict=True):
        drawn = facts(
            own_facts(each.application),
            submitted_at=each.application.submitted_at,
            velocity=found.get(pk),
            hits=(),
        )
        outcomes[each.fraud is not None, book.evaluate(drawn).outcome] += 1
    honest = sum(count for (is_fraud, _outcome), count in outcomes.items() if not is_fraud)
    # Of the honest hardly anybody is held up; a ring is noticed once it comes again, without any consortium.
    assert outcomes[False, Outcome.REFER] / honest < 0.005
    assert outcomes[False, Outcome.REVIEW] / honest < 0.01
    assert outcomes[True, Outcome.REFER] + outcomes[True, Outcome.REVIEW] >= 3
