"""What an application has in common with others of its institution: counts, and the others themselves."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from fraud.models import Application
from fraud.queries.applicants import opened_application
from fraud.queries.applications_listed import applications
from fraud.rules import canonical
from portal.accounts.actors import Actor
from portal.core.db import prepared
from portal.keys.sealed import ErasedError

# A page shows so many of each kind; a hub has more.
MOST_PER_ELEMENT = 100
MOST_RELATED = 12
# So many are opened to be laid beside one, behind masks.
MOST_BESIDE = 3


@dataclass(frozen=True, slots=True)
class Link:
    """How many other applications share an element of one kind; `is_more` where the count was cut."""

    kind: str
    count: int
    is_more: bool


@dataclass(frozen=True, slots=True)
class Related:
    """Another application, and the kinds of elements that it shares."""

    application: Application
    kinds: tuple[str, ...]


_SHARED = """
SELECT mine.kind, other.application_id
FROM (SELECT kind, token FROM fraud_fraudelement WHERE application_id = %(application)s::bigint) mine
CROSS JOIN LATERAL (
    SELECT application_id FROM fraud_fraudelement element
    WHERE element.token = mine.token AND element.application_id <> %(application)s::bigint
        AND element.institution_id = %(institution)s::bigint
    ORDER BY element.arrived_at DESC LIMIT %(most)s::int
) other
"""


def shared_elements(application: Application) -> list[tuple[str, int]]:
    """Give kind and application for each element that another of its institution shares, a bounded number of each."""
    values = {"application": application.pk, "institution": application.institution_id}
    rows = prepared(_SHARED, values | {"most": MOST_PER_ELEMENT})
    return [(str(kind), int(other)) for kind, other in rows]


def links(shared: list[tuple[str, int]]) -> list[Link]:
    """Count what is shared by kind, the most frequent first."""
    counts = Counter(kind for kind, _other in set(shared))
    return [
        Link(kind, count, is_more=count >= MOST_PER_ELEMENT)
        for kind, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def related(actor: Actor, shared: list[tuple[str, int]]) -> list[Related]:
    """List the applications that share the most kinds of elements, within the actor's scope."""
    kinds: dict[int, set[str]] = defaultdict(set)
    for kind, other in shared:
        kinds[other].add(kind)
    closest = sorted(kinds, key=lambda other: (-len(kinds[other]), -other))[:MOST_RELATED]
    rows = {row.pk: row for row in applications(actor).filter(pk__in=closest)}
    return [Related(rows[pk], tuple(sorted(kinds[pk]))) for pk in closest if pk in rows]


def opened_beside(
    application: Application, found: list[Related]
) -> tuple[canonical.Application, list[tuple[Related, canonical.Application]]] | None:
    """Open an application and the closest of those related to it; None where nothing is left to compare.

    What comes back is not masked: it is for whoever compares and shows marks, and goes to no page as it is.
    """
    own = [each for each in found if each.application.institution_id == application.institution_id]
    rows = Application.objects.in_bulk([each.application.pk for each in own[:MOST_BESIDE]])
    try:
        here = opened_application(application)
    except ErasedError:
        return None
    opened = [(each, row) for each in own[:MOST_BESIDE] if (row := _opened(rows[each.application.pk]))]
    return (here, opened) if opened else None


def _opened(application: Application) -> canonical.Application | None:
    try:
        return opened_application(application)
    except ErasedError:
        return None
