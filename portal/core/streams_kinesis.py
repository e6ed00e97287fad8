"""Events as records of a Kinesis data stream, in the order of the trail: all under one partition key."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from portal.core.phrases import Phrase
from portal.core.streams import Line, StreamError

# What one call may carry (PutRecords in the service's API reference), with room for the partition keys.
MOST_RECORDS = 500
MOST_BYTES = 4_500_000
# One key means one shard, and so one order, whoever reads.
PARTITION_KEY = "trail"


@dataclass(frozen=True, slots=True)
class Kinesis:
    """A data stream; credentials come from the environment or the machine's own role."""

    stream: str
    region: str = ""
    endpoint_url: str = ""

    def send(self, lines: Sequence[Line]) -> None:
        taken = 0
        for part in _parts(lines):
            taken += self._put(part, taken)

    def _put(self, part: Sequence[Line], before: int) -> int:
        records = [{"Data": line.text + b"\n", "PartitionKey": PARTITION_KEY} for line in part]
        try:
            answer = client_for(self.region, self.endpoint_url).put_records(
                StreamName=self.stream, Records=records
            )
        except (BotoCoreError, ClientError) as error:
            raise StreamError(self._words(_said(error)), before) from error
        refused = [place for place, record in enumerate(answer["Records"]) if record.get("ErrorCode")]
        if refused:
            # What came after the first refused record may be there already; it comes again behind it, in order.
            first = refused[0]
            raise StreamError(self._words(str(answer["Records"][first]["ErrorCode"])), before + first)
        return len(part)

    def _words(self, said: str) -> Phrase:
        return Phrase(
            "The Kinesis stream {stream} did not take the events: {said}.", stream=self.stream, said=said
        )


@cache
def client_for(region: str, endpoint_url: str) -> Any:
    """Give this process's client; typed loosely, since boto3 builds its methods at run time."""
    return boto3.session.Session().client(
        "kinesis",
        region_name=region or settings.S3_REGION,
        endpoint_url=endpoint_url or None,
        config=Config(
            connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2}
        ),
    )


def _parts(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Cut lines into runs that one call can carry."""
    part: list[Line] = []
    size = 0
    for line in lines:
        if part and (len(part) == MOST_RECORDS or size + len(line.text) > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(line)
        size += len(line.text) + len(PARTITION_KEY) + 1
    if part:
        yield part


def _said(error: Exception) -> str:
    # The code alone: messages of AWS carry account numbers and addresses.
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
