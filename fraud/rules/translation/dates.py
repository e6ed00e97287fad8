"""Dates and moments in their named formats; nothing is guessed, and what a spreadsheet made of a date is named."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from fraud.rules.translation.document import DateFormat
from fraud.rules.translation.faults import Code, UnfitError

F = DateFormat
Reader = Callable[[str], date]
FIRST_YEAR, LAST_YEAR = 1880, 2200
# Of a moment; blanks beyond would be tried in every way that they can be parted.
_LONGEST = 64
_EXCEL_ZERO = date(1899, 12, 30)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_APART = r"[-/. ]"
_YMD = re.compile(rf"(\d{{4}}){_APART}(\d{{1,2}}){_APART}(\d{{1,2}})", re.ASCII)
_SHORT_FIRST = re.compile(rf"(\d{{1,2}}){_APART}(\d{{1,2}}){_APART}(\d{{4}})", re.ASCII)
_TWO_DIGITS = re.compile(rf"\d{{1,2}}{_APART}\d{{1,2}}{_APART}\d{{2}}", re.ASCII)
_TIME = re.compile(
    r"(.+?)(?:T|\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?:\s*([AP])\.?M\.?)?", re.ASCII
)
_DAY_MONTH = re.compile(r"(\d{1,2})(?:er|st|nd|rd|th)?[-. /]+([^\W\d]+)\.?[-. /,]+(\d{4})")
_MONTH_DAY = re.compile(r"([^\W\d]+)\.?[-. /]+(\d{1,2})(?:st|nd|rd|th)?[-. /,]+(\d{4})")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan janvier janv",
            "february feb février fevrier févr fevr fév fev",
            "march mar mars",
            "april apr avril avr",
            "may mai",
            "june jun juin",
            "july jul juillet juil",
            "august aug août aout",
            "september sept sep septembre",
            "october oct octobre",
            "november nov novembre",
            "december dec décembre decembre déc",
        ),
        start=1,
    )
    for name in names.split()
}
# Where year, month and day stand: the place of each among the three numbers.
_ORDERS = {
    F.YMD: (_YMD, 1, 2, 3),
    F.DMY: (_SHORT_FIRST, 3, 2, 1),
    F.MDY: (_SHORT_FIRST, 3, 1, 2),
}
_COMPACT = {
    F.COMPACT_YMD: (slice(0, 4), slice(4, 6), slice(6, 8)),
    F.COMPACT_DMY: (slice(4, 8), slice(2, 4), slice(0, 2)),
    F.COMPACT_MDY: (slice(4, 8), slice(0, 2), slice(2, 4)),
}
_TIMED = {F.YMD_TIME: F.YMD, F.DMY_TIME: F.DMY, F.MDY_TIME: F.MDY}
_EPOCHS = {F.EPOCH_SECONDS: 1, F.EPOCH_MILLISECONDS: 1_000}
# Formats that give a moment and no day alone.
MOMENTS = frozenset({F.INSTANT, *_TIMED, *_EPOCHS})
_WRITTEN: Mapping[DateFormat, str] = {
    F.YMD: "{0:%Y-%m-%d}",
    F.DMY: "{0:%d/%m/%Y}",
    F.MDY: "{0:%m/%d/%Y}",
    F.COMPACT_YMD: "{0:%Y%m%d}",
    F.COMPACT_DMY: "{0:%d%m%Y}",
    F.COMPACT_MDY: "{0:%m%d%Y}",
    F.YMD_TIME: "{0:%Y-%m-%d %H:%M:%S}",
    F.DMY_TIME: "{0:%d/%m/%Y %H:%M:%S}",
    F.MDY_TIME: "{0:%m/%d/%Y %H:%M:%S}",
}
_SHORT_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def date_reader(format: DateFormat, zone: ZoneInfo) -> Reader:  # noqa: A002 - the word of the document
    """Give the function that reads one format: a date, or a datetime in UTC; it raises UnfitError.

    *zone*: for moments that come without an offset.
    """
    if format in _ORDERS:
        return _ordered(format)
    if format in _COMPACT:
        return _compact(format)
    if format in _TIMED:
        return _timed(_ordered(_TIMED[format]), zone)
    if format in _EPOCHS:
        return _epoch(_EPOCHS[format])
    return {F.NAMED_MONTH: _named_month, F.INSTANT: instant}.get(format, _excel)


def date_writer(format: DateFormat, zone: ZoneInfo) -> Callable[[date], str]:  # noqa: A002 - as above
    """Give the function that writes a date or a moment in a format, moments in *zone*."""

    def write(value: date) -> str:
        moment = value if isinstance(value, datetime) else None
        if format is F.INSTANT:
            return _instant_text(moment) if moment else f"{value:%Y-%m-%d}T00:00:00Z"
        if format in _EPOCHS:
            seconds = (moment or datetime(value.year, value.month, value.day, tzinfo=UTC)) - _EPOCH
            return str(seconds // timedelta(seconds=1) * _EPOCHS[format])
        day = moment.astimezone(zone) if moment else value
        if format is F.NAMED_MONTH:
            return f"{day.day} {_SHORT_MONTHS[day.month - 1]} {day.year:04d}"
        if format is F.EXCEL:
            return str(date(day.year, day.month, day.day).toordinal() - _EXCEL_ZERO.toordinal())
        return _WRITTEN[format].format(day)

    return write


def instant(text: str) -> datetime:
    """Read an RFC 3339 moment, with its offset, and give it in UTC.

    :raises UnfitError: another format, no offset, no such day or hour
    """
    text = text.strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        is_shaped = len(text) >= 16 and text[4:5] == text[7:8] == "-" and ":" in text
        raise UnfitError(Code.IMPOSSIBLE_DATE if is_shaped else _guessed(text)) from None
    if moment.tzinfo is None or len(text) < 16 or not text.isascii():
        raise UnfitError(Code.DATE_FORMAT)
    return _in_utc(moment)


def at_midnight(day: date, zone: ZoneInfo) -> datetime:
    """Give the first moment of a day in a zone, in UTC."""
    return _in_utc(datetime(day.year, day.month, day.day, tzinfo=zone))


def iso_date(text: str) -> date:
    """Read YYYY-MM-DD.

    :raises UnfitError: another format, or no such day
    """
    return _iso(text)


def _ordered(format: DateFormat) -> Reader:  # noqa: A002 - as above
    pattern, year, month, day = _ORDERS[format]

    def read(text: str) -> date:
        found = pattern.fullmatch(text.strip())
        if found is None:
            raise UnfitError(_guessed(text))
        return _day(found[year], found[month], found[day])

    return read


def _compact(format: DateFormat) -> Reader:  # noqa: A002 - as above
    year, month, day = _COMPACT[format]

    def read(text: str) -> date:
        text = text.strip()
        if not (text.isascii() and text.isdigit()):
            raise UnfitError(_guessed(text))
        if len(text) != 8:
            # 2031988 was 02031988; shorter numbers are days of a spreadsheet.
            is_short = len(text) == 7 and format is not F.COMPACT_YMD
            raise UnfitError(Code.ZEROS_LOST if is_short else _guessed(text))
        return _day(text[year], text[month], text[day])

    return read


def _timed(day_of: Reader, zone: ZoneInfo) -> Reader:
    def read(text: str) -> date:
        text = text.strip()
        if len(text) > _LONGEST:
            raise UnfitError(Code.DATE_FORMAT)
        found = _TIME.fullmatch(text.upper())
        if found is None:
            return at_midnight(day_of(text), zone)
        day = day_of(found[1])
        hour, minute, second = int(found[2]), int(found[3]), int(found[4] or 0)
        if found[5]:
            if not 1 <= hour <= 12:
                raise UnfitError(Code.IMPOSSIBLE_DATE)
            hour = hour % 12 + 12 * (found[5] == "P")
        try:
            moment = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone)
        except ValueError:
            raise UnfitError(Code.IMPOSSIBLE_DATE) from None
        return _in_utc(moment)

    return read


def _epoch(each_second: int) -> Reader:
    def read(text: str) -> date:
        text = text.strip()
        if not (text.isascii() and text.isdigit() and len(text) <= 15):
            raise UnfitError(_guessed(text))
        try:
            moment = _EPOCH + timedelta(seconds=int(text) / each_second)
        except OverflowError:
            raise UnfitError(Code.IMPOSSIBLE_DATE) from None
        return _in_utc(moment)

    return read


def _named_month(text: str) -> date:
    text = text.strip().casefold()
    if found := _DAY_MONTH.fullmatch(text):
        day, name, year = found.groups()
    elif found := _MONTH_DAY.fullmatch(text):
        name, day, year = found.groups()
    else:
        raise UnfitError(_guessed(text))
    if name not in _MONTHS:
        raise UnfitError(Code.DATE_FORMAT)
    return _day(year, str(_MONTHS[name]), day)


def _excel(text: str) -> date:
    whole, _point, rest = text.strip().partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 6 and (not rest or rest.isdigit())):
        raise UnfitError(Code.DATE_FORMAT)
    day = _EXCEL_ZERO + timedelta(days=int(whole))
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise UnfitError(Code.IMPOSSIBLE_DATE)
    return day


def _day(year: str, month: str, day: str) -> date:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        raise UnfitError(Code.IMPOSSIBLE_DATE) from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise UnfitError(Code.IMPOSSIBLE_DATE)
    return found


def _in_utc(moment: datetime) -> datetime:
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise UnfitError(Code.IMPOSSIBLE_DATE) from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise UnfitError(Code.IMPOSSIBLE_DATE)
    return moment


def _instant_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _guessed(text: str) -> Code:
    """Say what happened to a date that is not in its format."""
    text = text.strip()
    whole, _point, rest = text.partition(".")
    if whole.isascii() and whole.isdigit() and 4 <= len(whole) <= 5 and (not rest or rest.isdigit()):
        return Code.EXCEL_SERIAL
    if _TWO_DIGITS.fullmatch(text):
        return Code.TWO_DIGIT_YEAR
    return Code.DATE_FORMAT


_iso = _ordered(F.YMD)
