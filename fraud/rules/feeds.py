"""Feeds of case systems: by which way records leave, where a feed stands, and how files of records are written."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from fraud.rules.translation import Kind

# What stands in front of the receiver's own columns in a CSV file.
OWN_COLUMNS = (
    "delivery_id",
    "delivery_type",
    "application_id",
    "application_reference",
    "outcome",
    "score",
    "reasons",
)
# Layouts that files can have; by webhook everything goes as JSON.
FILE_KINDS = frozenset({Kind.CSV, Kind.JSONL, Kind.JSON})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# A spreadsheet shows these as numbers, and does nothing else with them.
_NUMBER = re.compile(r"[+-]?[0-9][0-9 .,]*")


class Channel(StrEnum):
    """How records reach a case system."""

    WEBHOOK = "webhook"
    # Encrypted files in the institution's own folder of the bucket.
    FOLDER = "folder"


class FeedState(StrEnum):
    """Where a feed stands; one that waits for a second person sends nothing."""

    WAITING = "waiting"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"
    REFUSED = "refused"


# What is screened meanwhile is put into its queue.
IN_USE = (FeedState.ACTIVE, FeedState.PAUSED)


def csv_head(columns: Sequence[str]) -> bytes:
    """Write the header of a file: ours first, then the receiver's."""
    return _csv_line([*OWN_COLUMNS, *columns])


def csv_line(told: Mapping[str, Any], columns: Sequence[str]) -> bytes:
    """Write one message as a row of CSV; text never begins with what a spreadsheet takes for a formula.

    *told*: what a webhook would carry (`fraud.screening.feeding.case_content`).
    """
    about = told["application"]
    reasons = " ".join(each["code"] for each in about["reasons"])
    own = [
        told["id"],
        told["type"],
        about["id"],
        about["reference"],
        about["outcome"],
        about["score"],
        reasons,
    ]
    return _csv_line([*own, *(told["record"].get(column) for column in columns)])


def _csv_line(cells: Sequence[Any]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([_harmless(cell) for cell in cells])
    return out.getvalue().encode()


def _harmless(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
