"""Taking single serials out of a batch: a stolen reel, spoilt rows, codes given back."""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import NumericRange
from django.utils.translation import gettext as _

from campaigns.models import Batch, VoidRange
from campaigns.operations.activation import given_reason
from campaigns.queries.codebooks import codebook
from campaigns.rules.formats import MalformedCodeError
from campaigns.rules.states import ARRIVED, in_a_sentence
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked, refusing
from portal.core.errors import DomainError, InvalidError, Kind, WrongStateError
from portal.core.language import grouped, said
from portal.core.phrases import Phrase

MOST_CODES = 10_000


class AlreadyVoidError(DomainError):
    """Refuse to void what is void already."""

    kind = Kind.CONFLICT
    code = "already-void"
    title = Phrase("Some of these serials are void already")


@transaction.atomic(durable=True)
def void_serials(batch: Batch, *, first: int, last: int, reason: str, by: Actor, now: datetime) -> VoidRange:
    """Void the serials from `first` to `last`, both included; codes redeemed before stay redeemed.

    :raises InvalidError: the range is empty or lies outside the batch, or no reason is given
    :raises AlreadyVoidError: it overlaps a range that is void already
    :raises WrongStateError: the batch has not been delivered, or has ended
    """
    batch = _voidable(batch, by)
    if first > last:
        raise InvalidError.of("last_serial", _("The last serial comes before the first."))
    if first < batch.first_serial or last >= batch.end_serial:
        says = _("This batch holds the serials %(first)s to %(last)s.") % {
            "first": grouped(batch.first_serial),
            "last": grouped(batch.end_serial - 1),
        }
        raise InvalidError.of("first_serial", says)
    return _void(batch, [(first, last + 1)], given_reason(reason), by=by, now=now)[0]


@transaction.atomic(durable=True)
def void_codes(
    batch: Batch, *, codes: Iterable[str], reason: str, by: Actor, now: datetime
) -> list[VoidRange]:
    """Void codes that were given back, as typed or scanned; neighbours become one range.

    :raises InvalidError: no codes, over 10,000, or some that are not of this batch; their lines are named
    :raises AlreadyVoidError: one of them is void already
    :raises WrongStateError: the batch has not been delivered, or has ended
    """
    batch = _voidable(batch, by)
    serials = _serials_of(batch, [line for line in codes if line.strip()])
    return _void(batch, _runs(serials), given_reason(reason), by=by, now=now)


def _voidable(batch: Batch, by: Actor) -> Batch:
    permit(by, Act.BATCH_RECALL, batch.place)
    batch = locked(Batch, batch, "campaign", "printer")
    if batch.state not in ARRIVED:
        says = _("Only codes of a delivered batch can be voided; this one is %(state)s.")
        raise WrongStateError(says % {"state": said(in_a_sentence(batch.state))})
    return batch


def _serials_of(batch: Batch, codes: list[str]) -> list[int]:
    if not 1 <= len(codes) <= MOST_CODES:
        raise InvalidError.of("codes", _("Give between 1 and 10,000 codes, one on each line."))
    book, code_format = codebook(batch.campaign), batch.campaign.format
    serials, strangers = set(), []
    for line, text in enumerate(codes, start=1):
        try:
            serial = book.serial_of(code_format.fold(text))
        except MalformedCodeError:
            serial = -1
        if batch.first_serial <= serial < batch.end_serial:
            serials.add(serial)
        else:
            strangers.append(line)
    if strangers:
        lines = ", ".join(str(line) for line in strangers[:20])
        says = _("%(count)s codes are not of this batch; look at line %(lines)s. Nothing was voided.")
        raise InvalidError.of("codes", says % {"count": grouped(len(strangers)), "lines": lines})
    return sorted(serials)


def _runs(serials: list[int]) -> list[tuple[int, int]]:
    """Join neighbours into half-open runs; `serials` are sorted and each once."""
    starts = [serials[0]] + [after for before, after in pairwise(serials) if after != before + 1]
    ends = [before + 1 for before, after in pairwise(serials) if after != before + 1] + [serials[-1] + 1]
    return list(zip(starts, ends, strict=True))


def _void(
    batch: Batch, runs: list[tuple[int, int]], reason: str, *, by: Actor, now: datetime
) -> list[VoidRange]:
    ranges = [
        VoidRange(
            batch=batch, serials=NumericRange(start, end), reason=reason, voided_at=now, voided_by=by.id
        )
        for start, end in runs
    ]
    refusal = AlreadyVoidError(_("Some of these serials were voided before. Nothing was changed."))
    with refusing("void_ranges_do_not_overlap", refusal):
        VoidRange.objects.bulk_create(ranges, batch_size=1000)
    count = sum(end - start for start, end in runs)
    record(by, "serials.voided", batch, now=now, ranges=len(runs), serials=count)
    return ranges
