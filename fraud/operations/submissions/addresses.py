"""Presigned addresses to which a sender puts the parts of a file, for as long as parts are missing."""

import math
from dataclasses import dataclass

from fraud.models import Submission
from fraud.operations.submissions.objects import submission_bucket
from fraud.operations.submissions.receiving import PART_BYTES, arrived_parts
from fraud.rules.submissions import SubmissionState
from portal.core.storage_streams import presigned_part

# An address is good for an hour; whoever needs longer asks again.
GOOD_FOR = 3600
# In one answer; whoever has more parts asks again when these have arrived.
MOST_ADDRESSES = 200


@dataclass(frozen=True, slots=True)
class PartAddress:
    """Where one part of a file is to be PUT, and how many bytes it has."""

    number: int
    size: int
    url: str


def part_addresses(submission: Submission) -> list[PartAddress]:
    """Give the addresses of the parts that are missing; none once the file has arrived.

    :raises portal.core.storage_errors.StorageError: the store refuses, fails or does not answer
    """
    if submission.state != SubmissionState.WAITING_FOR_UPLOAD or not submission.upload_id:
        return []
    whole = submission.declared_size or 0
    arrived = {part.number: part.size for part in arrived_parts(submission)}
    missing = [
        (number, min(PART_BYTES, whole - (number - 1) * PART_BYTES))
        for number in range(1, math.ceil(whole / PART_BYTES) + 1)
    ]
    return [
        PartAddress(number, size, _address(submission, number))
        for number, size in missing
        if arrived.get(number) != size
    ][:MOST_ADDRESSES]


def _address(submission: Submission, number: int) -> str:
    bucket = submission_bucket()
    return presigned_part(bucket, submission.object_key, submission.upload_id, number, seconds=GOOD_FOR)
