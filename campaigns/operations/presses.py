"""Setting up the press: a file laid out like the real ones, with codes that can never be redeemed."""

from datetime import datetime

from django.db import transaction

from campaigns.models import Batch
from campaigns.operations.parties import bucket_of
from campaigns.queries.codebooks import codebook
from campaigns.rules.layout import RowLayout, test_rows
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.files import Recipients, encrypted_upload

TEST_ROWS = 100


def deliver_test_file(batch: Batch, *, by: Actor, now: datetime) -> str:
    """Put a test file beside the batch, encrypted like the real ones; return its name.

    :raises portal.core.storage_errors.StorageError: the bucket refuses or fails
    """
    permit(by, Act.BATCH_PLAN, batch.place)
    layout = RowLayout.from_json(batch.layout)
    name = f"{batch.public_id}-test.{layout.suffix}.age"
    rows = test_rows(layout, codebook(batch.campaign), lot=batch.lot, rows=TEST_ROWS)
    upload = bucket_of(batch.printer).multipart(batch.folder + name)
    encrypted_upload([rows], recipients=Recipients.parse(batch.recipients), upload=upload)
    _record_test_file(batch, by=by, now=now)
    return name


@transaction.atomic(durable=True)
def _record_test_file(batch: Batch, *, by: Actor, now: datetime) -> None:
    record(by, "test_file.delivered", batch, now=now, rows=TEST_ROWS)
