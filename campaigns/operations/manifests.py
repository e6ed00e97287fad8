"""Completing a delivery: check what lies in the bucket, sign the manifest, and put it there last."""

from datetime import datetime

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from campaigns.jobs import Job
from campaigns.models import Batch, BatchFile
from campaigns.operations.delivery import Clock, TakenOverError, file_name
from campaigns.operations.moves import move_batch
from campaigns.operations.parties import bucket_of
from campaigns.rules.states import BatchState, FileState
from portal.accounts.actors import Actor
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.jobs import nudge_each
from portal.core.phrases import Phrase
from portal.core.signing import signer
from portal.core.storage import Bucket
from portal.core.storage_errors import StorageError
from portal.crypto.keyring import Purpose
from portal.crypto.signatures import key_id, sign
from portal.keys.signing import signing_public_pem

MANIFEST, SIGNATURE, RECEIPT = "manifest.json", "manifest.json.sig", "receipt.json"
S, F = BatchState, FileState


class CancelledError(TakenOverError):
    """Refuse to call a batch delivered that was cancelled while its manifest was on its way."""


def finish_delivery(batch: Batch, *, by: Actor, clock: Clock) -> Batch:
    """Put the signed manifest once every file lies in the bucket; then the batch is DELIVERED.

    The manifest is frozen before it is put, so that a second run puts the same bytes.

    :raises TakenOverError: the batch is not being delivered, or a file is missing
    :raises portal.core.storage_errors.StorageError: the store refuses or fails; the reason is on the batch
    """
    # A nudge may come twice: of a batch that has arrived, the printer may take files and manifest away.
    if Batch.objects.get(pk=batch.pk).state != S.DELIVERING:
        raise TakenOverError
    try:
        bucket = bucket_of(batch.printer)
        missing = _files_not_in(bucket, batch)
        if missing:
            # Whoever finds a manifest takes the delivery for complete.
            bucket.delete(batch.folder + MANIFEST)
            _send_again(batch, missing, by=by, now=clock())
            raise TakenOverError(Phrase("A file that had been delivered is no longer in the bucket."))
        batch = _freeze_manifest(batch, signer(Purpose.MANIFESTS), by=by, now=clock())
        # The manifest's presence means "complete", so its signature has to be there first.
        bucket.put(batch.folder + SIGNATURE, f"{batch.manifest_signature}\n".encode(), "text/plain")
        bucket.put(batch.folder + MANIFEST, batch.manifest.encode(), "application/json")
    except StorageError as error:
        _note_problem(batch, error.detail)
        raise
    try:
        return _mark_delivered(batch, by=by, now=clock())
    except CancelledError:
        bucket.delete(batch.folder + MANIFEST)
        raise


def _files_not_in(bucket: Bucket, batch: Batch) -> list[BatchFile]:
    """Find the delivered files whose objects are gone or have another size."""
    found = {stored.key: stored.size for stored in bucket.list(batch.folder, limit=100_000)}
    delivered = batch.files.filter(state=F.DELIVERED).order_by("number")
    return [file for file in delivered if found.get(batch.folder + _name(batch, file)) != file.bytes]


def _name(batch: Batch, file: BatchFile) -> str:
    file.batch = batch
    return file_name(file)


@transaction.atomic(durable=True)
def _send_again(batch: Batch, files: list[BatchFile], *, by: Actor, now: datetime) -> None:
    batch = locked(Batch, batch)
    if batch.state != S.DELIVERING:
        raise TakenOverError
    numbers = [file.number for file in files]
    batch.files.filter(number__in=numbers).update(
        state=F.WAITING, rows_done=0, tries=0, retry_at=None, delivered_at=None
    )
    batch.manifest = batch.manifest_signature = ""
    batch.save(update_fields=["manifest", "manifest_signature"])
    record(by, "files.missing", batch, now=now, numbers=numbers[:100])
    nudge_each(Job.GENERATE_FILE, file_id=[file.pk for file in files])


@transaction.atomic(durable=True)
def _freeze_manifest(batch: Batch, signs: Ed25519PrivateKey, *, by: Actor, now: datetime) -> Batch:
    batch = locked(Batch, batch, "campaign__market", "printer")
    if batch.state != S.DELIVERING or batch.files.exclude(state=F.DELIVERED).exists():
        raise TakenOverError
    if not batch.manifest:
        content = manifest_of(batch, generated_at=now, key=key_id(signs.public_key()))
        batch.manifest, batch.manifest_signature = content.decode(), sign(signs, content)
        batch.save(update_fields=["manifest", "manifest_signature"])
        record(by, "manifest.signed", batch, now=now)
    return batch


def manifest_of(batch: Batch, *, generated_at: datetime, key: str) -> bytes:
    """Write the manifest of a batch, format 1, as the JSON that is signed and put."""
    files = [_entry(batch, file) for file in batch.files.order_by("number")]
    content = {
        "format": 1,
        "batch": batch.public_id,
        "campaign": batch.campaign.public_id,
        "market": batch.campaign.market.code,
        "printer": batch.printer.public_id,
        "quantity": batch.quantity,
        "code": batch.campaign.format.to_json(),
        "layout": batch.layout,
        "lot": batch.lot,
        "files": files,
        "recipients": batch.recipients,
        "generated_at": generated_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "key_id": key,
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n"


def _entry(batch: Batch, file: BatchFile) -> dict[str, object]:
    return {
        "name": _name(batch, file),
        "rows": file.rows,
        "first_serial": file.first_serial,
        "last_serial": file.last_serial,
        "skipped": file.skipped,
        "bytes": file.bytes,
        "sha256": file.sha256,
        "plain_bytes": file.plain_bytes,
        "plain_sha256": file.plain_sha256,
    }


@transaction.atomic(durable=True)
def _mark_delivered(batch: Batch, *, by: Actor, now: datetime) -> Batch:
    batch = locked(Batch, batch)
    if batch.state == S.CANCELLED:
        raise CancelledError
    if batch.state != S.DELIVERING:
        raise TakenOverError
    move_batch(batch, S.DELIVERED)
    batch.delivered_at, batch.problem = now, ""
    batch.save(update_fields=["state", "delivered_at", "problem"])
    record(by, "batch.delivered", batch, now=now, quantity=batch.quantity)
    return batch


@transaction.atomic(durable=True)
def _note_problem(batch: Batch, detail: str) -> None:
    Batch.objects.filter(pk=batch.pk).update(problem=detail)


def manifest_public_key() -> str:
    """Give the key that printers verify manifests with, as PEM."""
    return signing_public_pem(Purpose.MANIFESTS)
