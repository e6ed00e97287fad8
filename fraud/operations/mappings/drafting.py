"""Writing mappings: a new layout, drafts of its next version, and the samples that each version must pass."""

import re
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from fraud.models import GoldenSample, Institution, Mapping, MappingVersion
from fraud.models.mappings import LONGEST_SAMPLE
from fraud.queries.mappings import sample_place, started_from
from fraud.rules.mapping_states import OPEN, VersionState
from fraud.rules.translation import CANONICAL, Direction, MappingDocument, MappingError, checksum
from fraud.rules.translation.document import to_builtins
from fraud.rules.translation.golden import Outcome, outcome, record_json
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked, refusing
from portal.core.errors import DomainError, InvalidError, Kind, WrongStateError
from portal.core.language import said
from portal.core.phrases import Phrase
from portal.crypto.keyring import Purpose
from portal.crypto.sealing import seal
from portal.keys.models import SubjectKey
from portal.keys.sealed import add_subject_key

MOST_SAMPLES = 50
LONGEST_SAMPLE_NAME = 80
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


class MappingThereError(DomainError):
    """Refuse a second mapping or sample of one name."""

    kind = Kind.CONFLICT
    code = "mapping-there"
    title = Phrase("This name is taken")


class SavedMeanwhileError(DomainError):
    """Refuse to write over what somebody else saved."""

    kind = Kind.CONFLICT
    code = "saved-meanwhile"
    title = Phrase("Somebody else saved this draft meanwhile")


@transaction.atomic(durable=True)
def create_mapping(
    institution: Institution, *, name: str, direction: Direction, by: Actor, now: datetime
) -> Mapping:
    """Set up a layout of an institution, without any version yet; *name* is what its systems send.

    :raises InvalidError: a name of other characters than small letters, digits and hyphens
    :raises MappingThereError: the institution has a layout of this name
    """
    permit(by, Act.MAPPING_EDIT, institution.place)
    if not _NAME.fullmatch(name) or name == CANONICAL:
        raise InvalidError.of(
            "name", _("Use up to 40 small letters, digits and hyphens, and no reserved name.")
        )
    taken = _("The institution has a mapping of this name.")
    mapping = Mapping(institution=institution, name=name, direction=direction, created_at=now)
    with refusing("one_mapping_of_a_name_per_institution", MappingThereError(taken, fields={"name": taken})):
        mapping.save(force_insert=True)
    record(by, "mapping.created", mapping, now=now, direction=str(direction))
    return mapping


@transaction.atomic(durable=True)
def save_mapping_draft(
    mapping: Mapping, document: MappingDocument, *, base: str | None = None, by: Actor, now: datetime
) -> MappingVersion:
    """Write the draft of the next version, in place of the one before; it may still have problems.

    *base*: the checksum of what was edited (`started_from`), "" for nothing; None writes over whatever is there.

    :raises SavedMeanwhileError: something else than *base* is there by now
    :raises InvalidError: the document has another direction than its mapping
    :raises WrongStateError: the mapping is retired, or its draft waits for a second person
    """
    permit(by, Act.MAPPING_EDIT, mapping.place)
    mapping = locked(Mapping, mapping)
    check_mapping_in_use(mapping)
    if document.direction != mapping.direction:
        raise InvalidError.of("direction", _("The mapping translates in the other direction."))
    version = mapping.versions.select_for_update().filter(state__in=OPEN).first()
    if version is not None and version.state == VersionState.WAITING:
        raise WrongStateError(_("The draft waits for a second person. Take the request back to change it."))
    if base is not None and base != started_from(mapping):
        raise SavedMeanwhileError(_("Nothing of yours was saved. Compare both, and decide which one stays."))
    version = version or next_mapping_version(mapping)
    version.document, version.checksum = to_builtins(document), checksum(document)
    version.written_by, version.written_at, version.restores = by.id, now, None
    version.save()
    record(by, "mapping.drafted", mapping, now=now, number=version.number, checksum=version.checksum)
    return version


@transaction.atomic(durable=True)
def discard_mapping_draft(version: MappingVersion, *, by: Actor, now: datetime) -> MappingVersion:
    """Give a draft up.

    :raises WrongStateError: it is no draft
    """
    permit(by, Act.MAPPING_EDIT, version.place)
    version = locked(MappingVersion, version, "mapping")
    if version.state != VersionState.DRAFT:
        raise WrongStateError(_("Only a draft can be discarded."))
    version.state = VersionState.DISCARDED
    version.save(update_fields=["state"])
    record(by, "mapping.draft_discarded", version.mapping, now=now, number=version.number)
    return version


@transaction.atomic(durable=True)
def add_golden_sample(
    version: MappingVersion, row: Any, *, name: str, by: Actor, now: datetime
) -> GoldenSample:
    """Keep a record, and what this version makes of it, as a test that every later version must pass.

    *row*: as a reader gives it. *name*: what it is a sample of; no personal data, it is shown in lists.

    :raises InvalidError: no name, too long, too many, or this version refuses the record
    :raises MappingThereError: there is a sample of this name
    """
    permit(by, Act.MAPPING_EDIT, version.place)
    mapping = locked(Mapping, version.mapping, "institution")
    check_mapping_in_use(mapping)
    _check_sample_name(mapping, name.strip())
    kept, expected = record_json(row), _expected(version, row)
    if max(len(kept), len(expected)) > LONGEST_SAMPLE:
        raise InvalidError.of("record", _("The record is too long to be kept."))
    sample = GoldenSample(
        mapping=mapping, institution=mapping.institution, name=name.strip(), added_by=by.id, added_at=now
    )
    key = add_subject_key(
        sample.public_id, purpose=Purpose.APPLICANTS, scope=mapping.institution.scope, now=now
    )
    sample.sealed_record = seal(key, kept, place=sample_place(sample.public_id, "sealed_record"))
    sample.sealed_expected = seal(key, expected, place=sample_place(sample.public_id, "sealed_expected"))
    taken = _("There is a sample of this name.")
    with refusing("one_golden_sample_per_name", MappingThereError(taken, fields={"name": taken})):
        sample.save(force_insert=True)
    record(by, "golden_sample.added", mapping, now=now, sample=sample.public_id, number=version.number)
    return sample


@transaction.atomic(durable=True)
def remove_golden_sample(sample: GoldenSample, *, by: Actor, now: datetime) -> None:
    """Remove a golden sample and destroy its key."""
    permit(by, Act.MAPPING_EDIT, sample.place)
    sample = locked(GoldenSample, sample, "mapping")
    SubjectKey.objects.filter(subject=sample.public_id).update(wrapped=None, destroyed_at=now)
    record(by, "golden_sample.removed", sample.mapping, now=now, sample=sample.public_id)
    sample.delete()


def next_mapping_version(mapping: Mapping) -> MappingVersion:
    """Begin the next version of a mapping, which the caller has locked and will save."""
    last = mapping.versions.order_by("-number").values_list("number", flat=True).first() or 0
    return MappingVersion(mapping=mapping, institution_id=mapping.institution_id, number=last + 1)


def check_mapping_in_use(mapping: Mapping) -> None:
    """Pass a mapping that is not retired.

    :raises WrongStateError: it is
    """
    if mapping.retired_at is not None:
        raise WrongStateError(_("The mapping is retired."))


def _check_sample_name(mapping: Mapping, name: str) -> None:
    if not 1 <= len(name) <= LONGEST_SAMPLE_NAME:
        raise InvalidError.of("name", _("Name the sample in up to 80 characters."))
    if mapping.samples.count() >= MOST_SAMPLES:
        raise InvalidError.of("name", _("A mapping has 50 golden samples at most. Remove one first."))


def _expected(version: MappingVersion, row: Any) -> bytes:
    try:
        found = outcome(version.parsed, row)
    except MappingError as error:
        raise InvalidError.of("record", said(error.problems[0].words)) from error
    except msgspec.ValidationError as error:
        raise InvalidError.of("record", _("This is no canonical application.")) from error
    return _made(found)


def _made(found: Outcome) -> bytes:
    if found.made is None:
        fault = found.faults[0]
        words = _("The mapping refuses this record at %(field)s: %(words)s")
        raise InvalidError.of("record", words % {"field": fault.field, "words": said(fault.words)})
    return found.made
