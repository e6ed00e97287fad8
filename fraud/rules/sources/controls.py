"""Control totals: what the first and the last line of a file say of it, and whether its records bear that out."""

from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from fraud.rules.sources.layouts import SourceError, SourceKind, SourceLayout
from fraud.rules.translation.document import ControlRecord, Place
from portal.core.phrases import Phrase

# Before or behind the point, of what is added up.
_MOST_DIGITS = 40
_UNREADABLE = Phrase(
    "The first or last line of the file does not say its control totals where they should be."
)


class ControlTotals(NamedTuple):
    """How many rows a file says it has, and the sum of its `sum_column`; None where it does not say."""

    rows: int | None = None
    total: Decimal | None = None

    def check(self, rows: int, total: Decimal) -> None:
        """Pass a file that has what it says.

        :raises SourceError: it has not
        """
        if self.rows is not None and self.rows != rows:
            raise SourceError(
                "control-rows",
                Phrase(
                    "The file says it has {said} rows, and has {found}. Send it whole.",
                    said=self.rows,
                    found=rows,
                ),
            )
        if self.total is not None and self.total != total:
            raise SourceError(
                "control-total",
                Phrase(
                    "The control total says {said}, and the rows add up to {found}.",
                    said=str(self.total),
                    found=str(total),
                ),
            )


def totals_said(record: ControlRecord, text: str, layout: SourceLayout) -> ControlTotals:
    """Read the totals of a first or last line.

    :raises SourceError: they are not where they should be
    """
    rows = _number_at(record.rows, text, layout)
    if rows is not None and rows != rows.to_integral_value():
        raise SourceError("control-unreadable", _UNREADABLE)
    return ControlTotals(None if rows is None else int(rows), _number_at(record.total, text, layout))


def _number_at(place: Place | None, text: str, layout: SourceLayout) -> Decimal | None:
    if place is None:
        return None
    if layout.kind == SourceKind.FIXED_WIDTH:
        cell = text[place.start - 1 : place.start - 1 + place.width]
    else:
        cell = dict(enumerate(text.split(layout.delimiter), start=1)).get(place.start, "")
    found = amount_of(cell.strip().strip(layout.quote), layout.decimal)
    if found is None:
        raise SourceError("control-unreadable", _UNREADABLE)
    return found


def amount_of(text: str, decimal: str) -> Decimal | None:
    """Read an amount as senders write it, with blanks, a dollar sign and marks of thousands; None if it is none."""
    kept = "".join(text.split()).strip("$").replace("," if decimal == "." else ".", "")
    try:
        found = Decimal(kept.replace(decimal, "."))
    except InvalidOperation:
        return None
    # "NaN", "Infinity" and "1e999999" are decimals as well, and nothing can be added to one.
    return found if found.is_finite() and abs(found.adjusted()) <= _MOST_DIGITS else None
