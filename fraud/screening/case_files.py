"""Files for case systems: rows written in memory, encrypted for the receiver, signed, and put into its folder."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog

from fraud.models import CaseFile, MappingVersion, WebhookDelivery
from fraud.operations.case_files import FileTakenError, claim_case_file, put_off_case_file, settle_case_file
from fraud.operations.feeds import feed_folder
from fraud.operations.submissions.objects import submission_bucket
from fraud.rules.feeds import IN_USE, csv_head, csv_line
from fraud.rules.translation import Kind
from fraud.screening.case_records import NoMappingError, UnfitRecordError, live_version
from fraud.screening.webhooks import content
from portal.api.renderers import to_json
from portal.core.files import Delivered, Recipients, encrypted_upload
from portal.core.signing import signer
from portal.core.storage_errors import StorageError
from portal.crypto.keyring import Purpose
from portal.crypto.signatures import key_id, sign

log = structlog.get_logger(__name__)
# In one round; what is left is found at the next.
MOST_AT_ONCE = 50
_RELATED = ("institution", "application", "screening", "feed__mapping__live")


@dataclass
class _Rows:
    """The rows of a file as they are written, and why some are not."""

    deliveries: list[WebhookDelivery]
    version: MappingVersion
    written: int = 0
    problems: dict[int, str] = field(default_factory=dict)

    def blocks(self) -> Iterator[bytes]:
        document = self.version.parsed
        columns = [each.target for each in document.fields]
        is_csv = document.layout.kind is Kind.CSV
        if is_csv:
            yield csv_head(columns)
        for delivery in self.deliveries:
            try:
                told = content(delivery)
            except UnfitRecordError as error:
                self.problems[delivery.pk] = error.problem
                continue
            self.written += 1
            yield csv_line(told, columns) if is_csv else to_json(told) + b"\n"


def write_case_files(*, by: object, clock: Callable[[], datetime]) -> int:
    """Write what is due into files, until nothing is; return the rows that lie there now.

    A file's name and rows are fixed before it is written: whoever writes it again after a death puts the same object
    in the same place, and its manifest, put last, says that it is whole.
    """
    rows = 0
    for _turn in range(MOST_AT_ONCE):
        file = claim_case_file(now=clock())
        if file is None:
            break
        try:
            rows += _write(file, clock)
        except FileTakenError:
            log.info("case_file.left", file=file.public_id)
    return rows


def _write(file: CaseFile, clock: Callable[[], datetime]) -> int:
    waiting = file.deliveries.filter(due_at__isnull=False).select_related(*_RELATED)
    deliveries = list(waiting.order_by("pk"))
    # One that was paused this moment keeps what is under way: settled unwritten, it would be lost.
    if file.feed.state not in IN_USE or not deliveries:
        return settle_case_file(file, problems={}, sha256="", now=clock()).rows
    try:
        rows = _Rows(deliveries, live_version(deliveries[0]))
        delivered = _put(file, rows, clock())
    except NoMappingError:
        put_off_case_file(file, problem="no-mapping", now=clock())
        return 0
    except StorageError as error:
        log.warning("case_file.put_off", file=file.public_id, reason=error.reason)
        put_off_case_file(file, problem="store-away", now=clock())
        return 0
    return settle_case_file(file, problems=rows.problems, sha256=delivered.sha256, now=clock()).rows


def _put(file: CaseFile, rows: _Rows, now: datetime) -> Delivered:
    """Put the object, the signature, and the manifest last.

    :raises StorageError: the store refuses, fails or does not answer
    """
    bucket, key = submission_bucket(), signer(Purpose.RESULTS)
    ending = "csv" if rows.version.parsed.layout.kind is Kind.CSV else "jsonl"
    name = f"{feed_folder(file.institution)}{file.name}"
    if file.tries > 1:
        bucket.abort_uploads(f"{name}.{ending}.age")
    upload = bucket.multipart(f"{name}.{ending}.age")
    delivered = encrypted_upload(
        rows.blocks(), recipients=Recipients.parse([file.feed.recipient]), upload=upload
    )
    manifest = to_json(
        {
            "format": 1,
            "file": f"{file.name}.{ending}.age",
            "institution": file.institution.public_id,
            "mapping": {"name": file.feed.mapping.name, "version": rows.version.number},
            "rows": rows.written,
            **_sizes(delivered),
            "generated_at": now.astimezone(UTC),
            "key_id": key_id(key.public_key()),
        }
    )
    bucket.put(f"{name}.json.sig", f"{sign(key, manifest)}\n".encode(), "text/plain")
    bucket.put(f"{name}.json", manifest, "application/json")
    return delivered


def _sizes(delivered: Delivered) -> dict[str, Any]:
    names = ("bytes", "sha256", "plain_bytes", "plain_sha256")
    return {name: getattr(delivered, name) for name in names}
