"""What an application has in common with others of its institution: counts, and the others themselves."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from fraud.models import Application
from fraud.queries.applications_listed import applications
from portal.accounts.actors import Actor
from portal.core.db import prepared

# A page shows so many of each kind; a hub has more.
MOST_PER_ELEMENT = 100
MOST_RELATED = 12


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
    ORDER BY element.arrived_at DESC LIMIT %(most)s::int
) other
"""


def shared_elements(application: Application) -> list[tuple[str, int]]:
    """Give kind and application for each element that another application shares, a bounded number of each."""
    return [
        (str(kind), int(other))
        for kind, other in prepared(_SHARED, {"application": application.pk, "most": MOST_PER_ELEMENT})
    ]


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
