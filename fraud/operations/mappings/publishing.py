"""Publishing mappings: asked for by one person, checked twice, decided by another; bringing back and retiring."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from fraud.models import Mapping, MappingVersion
from fraud.operations.mappings.drafting import check_mapping_in_use, next_mapping_version
from fraud.queries.mappings import open_version, sample_results
from fraud.rules.feeds import IN_USE, FeedState
from fraud.rules.mapping_states import VersionState
from fraud.rules.translation import MappingError, validate_mapping
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.approvals.kinds import ApprovalKind
from portal.approvals.models import Approval
from portal.approvals.operations import ask, withdraw
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import DomainError, Kind, WrongStateError
from portal.core.phrases import Phrase, marked

S = VersionState


class MappingProblemsError(DomainError):
    """Refuse to publish what cannot be compiled; the studio shows each problem at its place."""

    code = "mapping-problems"
    title = Phrase("The mapping has problems")


class GoldenSampleError(DomainError):
    """Refuse to publish what translates a golden sample to something else."""

    kind = Kind.CONFLICT
    code = "golden-sample-failed"
    title = Phrase("A golden sample does not pass")


def _publish(approval: Approval, *, by: Actor, now: datetime) -> None:
    version = MappingVersion.objects.select_related("mapping").get(public_id=approval.subject_id)
    # The mapping first, as whoever drafts or retires it does.
    mapping = locked(Mapping, version.mapping)
    version = locked(MappingVersion, version)
    check_mapping_in_use(mapping)
    if version.state != S.WAITING:
        raise WrongStateError(_("This version does not wait for anybody."))
    # Samples may have been added while the request waited.
    _check_ready(version)
    version.state, version.published_at, version.published_by = S.PUBLISHED, now, by.id
    version.save(update_fields=["state", "published_at", "published_by"])
    mapping.live = version
    mapping.save(update_fields=["live"])
    record(by, "mapping.published", mapping, now=now, number=version.number, checksum=version.checksum)


def _back_to_draft(approval: Approval, *, by: Actor, now: datetime) -> None:
    version = locked(MappingVersion, MappingVersion.objects.get(public_id=approval.subject_id), "mapping")
    version.state = S.DRAFT
    version.save(update_fields=["state"])
    record(by, "mapping.sent_back", version.mapping, now=now, number=version.number)


MAPPING = ApprovalKind(
    name="mapping",
    ask_act=Act.MAPPING_EDIT,
    decide_act=Act.MAPPING_APPROVE,
    lasts=timedelta(days=14),
    title=marked("Publish version {number} of the mapping {name}"),
    sentences=(
        marked("For {institution}."),
        marked("From then on every record of this layout is translated by it."),
    ),
    page="mapping-version",
    yours=marked("You asked for this mapping. Somebody else has to publish it."),
    carry_out=_publish,
    refused=_back_to_draft,
)


@transaction.atomic(durable=True)
def ask_to_publish_mapping(version: MappingVersion, *, by: Actor, now: datetime) -> MappingVersion:
    """Ask a second person to publish a draft.

    :raises MappingProblemsError: it cannot be compiled
    :raises GoldenSampleError: it translates a golden sample to something else
    :raises WrongStateError: it is no draft, or its mapping is retired
    """
    mapping = locked(Mapping, version.mapping, "institution")
    version = locked(MappingVersion, version)
    check_mapping_in_use(mapping)
    if version.state != S.DRAFT:
        raise WrongStateError(_("Only a draft can be published."))
    record(by, "mapping.asked_for", mapping, now=now, number=version.number, checksum=version.checksum)
    return _ask(mapping, version, by=by, now=now)


@transaction.atomic(durable=True)
def roll_back_mapping(version: MappingVersion, *, by: Actor, now: datetime) -> MappingVersion:
    """Ask a second person to publish an older version's document again, as a new version.

    :raises WrongStateError: it was never published, it counts now, or another version is under way
    """
    mapping = locked(Mapping, version.mapping, "institution")
    check_mapping_in_use(mapping)
    if version.state != S.PUBLISHED or version.pk == mapping.live_id:
        raise WrongStateError(_("Only an older version that was published can be brought back."))
    if open_version(mapping) is not None:
        raise WrongStateError(_("Another version is under way. Publish or discard it first."))
    restored = next_mapping_version(mapping)
    restored.document, restored.checksum, restored.restores = (
        version.document,
        version.checksum,
        version.number,
    )
    restored.written_by, restored.written_at = by.id, now
    restored.save(force_insert=True)
    record(by, "mapping.rolled_back", mapping, now=now, number=restored.number, restores=version.number)
    return _ask(mapping, restored, by=by, now=now)


@transaction.atomic(durable=True)
def retire_mapping(mapping: Mapping, *, by: Actor, now: datetime) -> Mapping:
    """Take a layout out of use: its name is free again, and records of it are refused.

    :raises WrongStateError: it is retired already, or a case system is fed under it
    """
    permit(by, Act.MAPPING_EDIT, mapping.place)
    mapping = locked(Mapping, mapping)
    check_mapping_in_use(mapping)
    if mapping.feeds.filter(state__in=[*IN_USE, FeedState.WAITING]).exists():
        raise WrongStateError(_("A case system is fed under it. End that feed first."))
    version = open_version(mapping)
    if version is not None:
        withdraw(MAPPING, version, reason=_("The mapping was retired."), by=by, now=now)
        version.state = S.DISCARDED
        version.save(update_fields=["state"])
    mapping.retired_at = now
    mapping.save(update_fields=["retired_at"])
    record(by, "mapping.retired", mapping, now=now)
    return mapping


def _ask(mapping: Mapping, version: MappingVersion, *, by: Actor, now: datetime) -> MappingVersion:
    _check_ready(version)
    facts: dict[str, str | int] = {
        "number": str(version.number),
        "name": mapping.name,
        "institution": mapping.institution.name,
    }
    ask(MAPPING, version, by=by, now=now, place=mapping.place, facts=facts)
    version.state = S.WAITING
    version.save(update_fields=["state"])
    return version


def _check_ready(version: MappingVersion) -> None:
    problems = validate_mapping(version.parsed)
    if problems:
        raise MappingProblemsError(problems[0].words, fields={each.path: each.words for each in problems})
    try:
        failed = [each for each in sample_results(version.mapping, version.parsed) if not each.has_passed]
    except MappingError as error:
        raise MappingProblemsError(error.problems[0].words) from error
    if failed:
        names = ", ".join(each.sample.name for each in failed[:5])
        raise GoldenSampleError(Phrase("These golden samples come out differently: {names}.", names=names))
