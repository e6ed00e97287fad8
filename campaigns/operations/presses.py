"""Setting up the press: a file laid out like the real ones, with codes that can never be redeemed."""

from datetime import datetime

from django.db import transaction

from campaigns.models import Batch
from campaigns.operations.parties import bucket_of
from campaigns.queries.codebooks import codebook, word_screen
from campaigns.rules.generate import press_test_blocks
from campaigns.rules.layout import RowLayout
from campaigns.rules.rows import Layouter
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
    layouter = Layouter(layout, batch.campaign.format, file_number=0, lot=batch.lot, first_control=1)
    book, screen = codebook(batch.campaign), word_screen(batch.campaign)
    rows = press_test_blocks(book, screen, layouter, TEST_ROWS)
    upload = bucket_of(batch.printer).multipart(batch.folder + name)
    encrypted_upload(rows, recipients=Recipients.parse(batch.recipients), upload=upload)
    _record_test_file(batch, by=by, now=now)
    return name


@transaction.atomic(durable=True)
def _record_test_file(batch: Batch, *, by: Actor, now: datetime) -> None:
    record(by, "test_file.delivered", batch, now=now, rows=TEST_ROWS)
