"""What the printer says it received: by API, by portal, or as an object in the bucket; it must agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import orjson
from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from campaigns.jobs import Job
from campaigns.models import Batch
from campaigns.operations.delivery import Clock, file_name
from campaigns.operations.manifests import RECEIPT
from campaigns.operations.moves import move_batch
from campaigns.operations.parties import bucket_of
from campaigns.rules.states import BatchState, in_a_sentence
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import InvalidError, WrongStateError
from portal.core.jobs import nudge
from portal.core.language import said
from portal.core.phrases import Phrase
from portal.core.storage_errors import ObjectTooLargeError

S = BatchState
# Ten thousand names with their hashes take a megabyte.
_LARGEST_RECEIPT = 2 * 1024 * 1024


# The database cannot hold a zero character, and no name or hash has a control character.
PlainText = Annotated[str, StringConstraints(max_length=1024, pattern=r"^[^\x00-\x1f]*$")]


class ReceiptBody(BaseModel):
    """A receipt as printers write it: {"sha256": {file: hash}, "count": codes received}."""

    model_config = ConfigDict(extra="ignore", strict=True)

    sha256: dict[PlainText, PlainText] = Field(max_length=10_000)
    count: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which the receipt and the delivery do not agree."""

    what: str
    sent: str
    received: str


@transaction.atomic(durable=True)
def acknowledge_batch(
    batch: Batch, *, sha256: Mapping[str, str], count: int, by: Actor, now: datetime
) -> Batch:
    """Compare a receipt with the delivery: ACKNOWLEDGED when all agrees, else DISPUTED with the differences.

    A disputed batch takes a new receipt; file names may come with or without their folder.

    :raises WrongStateError: the batch is not DELIVERED or DISPUTED
    :raises InvalidError: a name or hash that cannot be stored
    """
    permit(by, Act.BATCH_ACKNOWLEDGE, batch.place)
    batch = locked(Batch, batch, "campaign", "printer")
    if batch.state not in {S.DELIVERED, S.DISPUTED}:
        says = _("Only a delivered batch can be acknowledged; this one is %(state)s.")
        raise WrongStateError(says % {"state": said(in_a_sentence(batch.state))})
    if any("\0" in text for pair in sha256.items() for text in pair):
        raise InvalidError.of("sha256", _("A file's name or hash holds a zero character."))
    differences = _differences(batch, sha256, count)
    batch.receipt = {"sha256": dict(sha256), "count": count, "by": by.id, "at": now.isoformat()}
    batch.differences = [{"what": d.what, "sent": d.sent, "received": d.received} for d in differences]
    wanted = S.DISPUTED if differences else S.ACKNOWLEDGED
    if batch.state != wanted:
        move_batch(batch, wanted)
    batch.acknowledged_at = None if differences else now
    batch.problem = ""
    batch.save(update_fields=["state", "receipt", "differences", "acknowledged_at", "problem"])
    record(by, f"batch.{wanted}", batch, now=now, differences=len(differences))
    if not differences and batch.activates_at is not None and batch.activates_at <= now:
        nudge(Job.ACTIVATE_DUE, batch_id=batch.pk)
    return batch


def _differences(batch: Batch, sha256: Mapping[str, str], count: int) -> list[Difference]:
    received = {name.rsplit("/", 1)[-1]: value.strip().lower() for name, value in sha256.items()}
    found = []
    if count != batch.quantity:
        found.append(Difference("count", str(batch.quantity), str(count)))
    for file in batch.files.order_by("number"):
        file.batch = batch
        name = file_name(file)
        value = received.pop(name, "")
        if value != file.sha256:
            found.append(Difference(name, file.sha256, value[:64]))
    found.extend(Difference(name[:200], "", value[:64]) for name, value in sorted(received.items()))
    return found[:1000]


def read_receipt(batch: Batch, *, by: Actor, clock: Clock) -> Batch | None:
    """Look for a receipt object beside the manifest and act on it; None when there is none, or nothing new.

    :raises portal.core.storage_errors.StorageError: the store refuses or fails
    """
    try:
        content = bucket_of(batch.printer).get(batch.folder + RECEIPT, _LARGEST_RECEIPT)
    except ObjectTooLargeError as error:
        return _refuse_receipt(batch, error.detail, by=by, now=clock())
    if content is None:
        return None
    try:
        receipt = ReceiptBody.model_validate(orjson.loads(content))
    except (orjson.JSONDecodeError, ValidationError):
        form = '{"sha256": {"file": "hash"}, "count": 1}'
        says = Phrase("The receipt in the bucket is not of the form {form}.", form=form)
        return _refuse_receipt(batch, says, by=by, now=clock())
    if _is_known(batch, receipt):
        return None
    return acknowledge_batch(batch, sha256=receipt.sha256, count=receipt.count, by=by, now=clock())


def _is_known(batch: Batch, receipt: ReceiptBody) -> bool:
    """Say whether this is the receipt that made the batch DISPUTED: it is looked at once."""
    known = batch.receipt or {}
    return (known.get("sha256"), known.get("count")) == (receipt.sha256, receipt.count)


@transaction.atomic(durable=True)
def _refuse_receipt(batch: Batch, says: str, *, by: Actor, now: datetime) -> Batch:
    batch = locked(Batch, batch)
    if batch.state in {S.DELIVERED, S.DISPUTED} and batch.problem != says:
        batch.problem = says
        batch.save(update_fields=["problem"])
        record(by, "receipt.refused", batch, now=now)
    return batch
