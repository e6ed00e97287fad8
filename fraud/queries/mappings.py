"""Mappings within an actor's scope; the live one of a layout; golden samples opened; drift as warnings."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet

from fraud.models import GoldenSample, Institution, Mapping, MappingDrift, MappingVersion
from fraud.rules.mapping_states import VersionState
from fraud.rules.translation import (
    CANONICAL,
    CompiledMapping,
    CompiledOutbound,
    Fault,
    canonical_mapping,
    compile_mapping,
    compile_outbound,
)
from fraud.rules.translation.document import MappingDocument
from fraud.rules.translation.drift import DriftWarning, Seen, added, drift, from_builtins
from fraud.rules.translation.golden import outcome, record_of
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.core.errors import NotFoundError
from portal.crypto.sealing import Place
from portal.keys.sealed import open_for_subject

# The days that a day is compared with.
DAYS_BEFORE = 28
# As many versions of all institutions stay compiled in a process.
_MOST_COMPILED = 200


class LiveMapping(NamedTuple):
    """The mapping that counts now: compiled, and its version; no version for canonical JSON, which needs no row."""

    version_id: int | None
    compiled: CompiledMapping


class SampleResult(NamedTuple):
    """How a document did on a golden sample."""

    sample: GoldenSample
    has_passed: bool
    faults: tuple[Fault, ...]


def mappings(actor: Actor, act: Act = Act.MAPPING_READ) -> QuerySet[Mapping]:
    """List the mappings within the actor's scope that are not retired, with the number of their versions."""
    rows = Mapping.objects.filter(actor.scope(act, institution="institution"), retired_at=None)
    rows = rows.select_related("institution", "live").annotate(version_count=Count("versions"))
    return rows.order_by("institution__name", "name", "pk")


def visible_mapping(actor: Actor, public_id: str, act: Act = Act.MAPPING_READ) -> Mapping:
    """Give one mapping, retired or not.

    :raises NotFoundError: there is none, or not within the actor's scope
    """
    rows = Mapping.objects.filter(actor.scope(act, institution="institution"), public_id=public_id)
    found = rows.select_related("institution", "live").first()
    if found is None:
        raise NotFoundError
    return found


def history(mapping: Mapping) -> QuerySet[MappingVersion]:
    """List the versions of a mapping, newest first."""
    return mapping.versions.order_by("-number", "-pk")


def open_version(mapping: Mapping) -> MappingVersion | None:
    """Give the version that is drafted or waits for a second person, if there is one."""
    return mapping.versions.filter(state__in=[VersionState.DRAFT, VersionState.WAITING]).first()


def started_from(mapping: Mapping) -> str:
    """Give the checksum of what whoever begins to edit begins with: the draft, or what is in use; "" for nothing."""
    version = open_version(mapping) or mapping.live
    return version.checksum if version else ""


def live_mapping(institution: Institution, name: str = CANONICAL) -> LiveMapping:
    """Give the mapping that counts now for a layout of an institution, ready to translate.

    :raises NotFoundError: no inbound mapping of that name is published
    """
    row = (
        MappingVersion.objects.filter(
            live_of__institution=institution, live_of__name=name, live_of__retired_at=None
        )
        .filter(live_of__direction="inbound")
        .only("pk", "document", "checksum")
        .first()
    )
    if row is None and name == CANONICAL:
        return LiveMapping(None, canonical_mapping())
    if row is None:
        raise NotFoundError
    return LiveMapping(row.pk, compiled_version(row))


def compiled_version(version: MappingVersion) -> CompiledMapping:
    """Compile a version, or give it from memory: what has the same checksum is the same document."""
    known = _compiled.get(version.checksum)
    if known is None:
        if len(_compiled) >= _MOST_COMPILED:
            _compiled.clear()
        known = _compiled[version.checksum] = compile_mapping(version.parsed)
    return known


def compiled_outbound(version: MappingVersion) -> CompiledOutbound:
    """Compile an outbound version, or give it from memory."""
    known = _outbound.get(version.checksum)
    if known is None:
        if len(_outbound) >= _MOST_COMPILED:
            _outbound.clear()
        known = _outbound[version.checksum] = compile_outbound(version.parsed)
    return known


def version_by_checksum(institution_id: int, checksum: str) -> MappingVersion | None:
    """Find the newest published version of an institution that has this document; none for canonical JSON."""
    rows = MappingVersion.objects.filter(institution_id=institution_id, checksum=checksum)
    return rows.filter(state=VersionState.PUBLISHED).order_by("-published_at", "-pk").first()


def golden_samples(mapping: Mapping) -> QuerySet[GoldenSample]:
    """List the golden samples of a mapping, by name."""
    return mapping.samples.order_by("name", "pk")


def sample_place(public_id: str, column: str) -> Place:
    """Say where a sealed column of a golden sample lies."""
    return Place("fraud_goldensample", column, public_id)


def opened_sample(sample: GoldenSample) -> tuple[Any, bytes]:
    """Open a golden sample: its record, and the JSON that it must become."""
    record, expected = (
        open_for_subject(sealed, subject=sample.public_id, place=sample_place(sample.public_id, column))
        for column, sealed in (
            ("sealed_record", sample.sealed_record),
            ("sealed_expected", sample.sealed_expected),
        )
    )
    return record_of(record), expected


def sample_results(mapping: Mapping, document: MappingDocument) -> list[SampleResult]:
    """Translate every golden sample of a mapping by a document and say which give what they must.

    :raises fraud.rules.translation.MappingError: the document has problems
    """
    results = []
    for sample in golden_samples(mapping):
        record, expected = opened_sample(sample)
        found = outcome(document, record)
        results.append(SampleResult(sample, found.made == expected, found.faults))
    return results


def drift_warnings(mapping: Mapping, day: date) -> list[DriftWarning]:
    """Compare a day of the live version with the four weeks before, whichever version was live then."""
    rows = MappingDrift.objects.filter(version__mapping=mapping)
    before = rows.filter(day__lt=day, day__gte=day - timedelta(days=DAYS_BEFORE))
    return drift(_total(before), _total(rows.filter(day=day)))


def _total(rows: Iterable[MappingDrift]) -> Seen:
    total = Seen()
    for row in rows:
        total = added(total, from_builtins(row.seen))
    return total


_compiled: dict[str, CompiledMapping] = {}
_outbound: dict[str, CompiledOutbound] = {}
