"""Numbers, dates and identifiers as people and spreadsheets write them: read exactly, or refused with what happened."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fraud.rules.translation.dates import date_reader, date_writer
from fraud.rules.translation.document import Country, DateFormat, Decimal
from fraud.rules.translation.faults import WORDS, Code, UnfitError
from fraud.rules.translation.identifiers import (
    digits,
    has_check_digit,
    phone,
    phone_by_library,
    postal_code,
    sin,
)
from fraud.rules.translation.numbers import major_units, minor_units, whole_number
from fraud.rules.translation.texts import as_text, clean

MONTREAL = ZoneInfo("America/Toronto")
PHONE_TEXT = st.text("0123456789 -.()+x", max_size=22) | st.from_regex(
    r"\+?1?[-. ]?\(?[0-9]{3}\)?[-. ]?[0-9]{3}[-. ]?[0-9]{4}", fullmatch=True
)


def outcome(read: Callable[..., Any], *given: Any, **facts: Any) -> Any:
    try:
        return read(*given, **facts)
    except UnfitError as error:
        return error.code


@pytest.mark.parametrize(
    ("text", "decimal", "found"),
    [
        ("5000", ".", 500_000),
        ("$5,000.00", ".", 500_000),
        ("CAD 5,000.5", ".", 500_050),
        ("5 000,00 $", ",", 500_000),
        ("5.000,00 $CA", ",", 500_000),
        ("USD 5", ".", Code.NOT_A_NUMBER),
        ("1,50", ".", Code.NUMBER_FORMAT),
        ("1.50", ",", Code.NUMBER_FORMAT),
        ("1,000,00", ".", Code.NUMBER_FORMAT),
        ("1.005", ".", Code.TOO_MANY_DECIMALS),
        ("1.500", ".", 150),
        ("(5.00)", ".", Code.NEGATIVE),
        ("−5", ".", Code.NEGATIVE),
        ("-", ".", Code.NOT_A_NUMBER),
        ("4.53E+08", ".", Code.EXCEL_SCIENTIFIC),
        ("9" * 40, ".", Code.TOO_LARGE),
        ("0" * 40 + "7", ".", 700),
        ("12abc", ".", Code.NOT_A_NUMBER),
        (f"5{' ' * 3_900}x", ".", Code.NOT_A_NUMBER),
        ("٣", ".", Code.NOT_A_NUMBER),
        ("1.", ".", Code.NOT_A_NUMBER),
    ],
)
def test_an_amount_is_read_exactly(text: str, decimal: str, found: object) -> None:
    assert outcome(minor_units, text, decimal=Decimal(decimal)) == found


@given(st.integers(0, 10**15), st.sampled_from(Decimal), st.integers(0, 4))
def test_an_amount_that_is_written_reads_the_same(amount: int, decimal: Decimal, decimals: int) -> None:
    text = major_units(amount, decimal=decimal, decimals=decimals)

    assert minor_units(text, decimal=decimal, decimals=decimals) == amount


def test_a_whole_number_has_no_fraction() -> None:
    assert (whole_number("12.00"), outcome(whole_number, "12.5")) == (12, Code.NOT_A_WHOLE_NUMBER)


@pytest.mark.parametrize(
    ("form", "text", "found"),
    [
        ("ymd", "1988-4-9", date(1988, 4, 9)),
        ("dmy", "09.04.1988", date(1988, 4, 9)),
        ("mdy", "04/09/1988", date(1988, 4, 9)),
        ("mdy", "13/09/1988", Code.IMPOSSIBLE_DATE),
        ("dmy", "29/02/2023", Code.IMPOSSIBLE_DATE),
        ("dmy", "29/02/2024", date(2024, 2, 29)),
        ("dmy", "01/01/0001", Code.IMPOSSIBLE_DATE),
        ("yyyymmdd", "19880409", date(1988, 4, 9)),
        ("ddmmyyyy", "9041988", Code.ZEROS_LOST),
        ("yyyymmdd", "32242", Code.EXCEL_SERIAL),
        ("ymd", "32242.5", Code.EXCEL_SERIAL),
        ("excel", "32242", date(1988, 4, 9)),
        ("excel", "9999999", Code.DATE_FORMAT),
        ("named-month", "9 avril 1988", date(1988, 4, 9)),
        ("named-month", "1er févr. 1988", date(1988, 2, 1)),
        ("named-month", "Apr 9, 1988", date(1988, 4, 9)),
        ("named-month", "9-APR-1988", date(1988, 4, 9)),
        ("named-month", "9 Foo 1988", Code.DATE_FORMAT),
        ("instant", "2026-03-02T09:59:00-05:00", datetime(2026, 3, 2, 14, 59, tzinfo=UTC)),
        ("instant", "2026-03-02T09:59:00", Code.DATE_FORMAT),
        ("instant", "2026-02-30T09:59:00Z", Code.IMPOSSIBLE_DATE),
        ("ymd-time", "2026-03-02 9:59 PM", datetime(2026, 3, 3, 2, 59, tzinfo=UTC)),
        ("ymd-time", "2026-03-02", datetime(2026, 3, 2, 5, 0, tzinfo=UTC)),
        ("ymd-time", "2026-03-02 24:59", Code.IMPOSSIBLE_DATE),
        ("ymd-time", f"2026-03-02{' ' * 3_900}9:59 x", Code.DATE_FORMAT),
        ("epoch-milliseconds", "1772463540000", datetime(2026, 3, 2, 14, 59, tzinfo=UTC)),
        ("epoch-seconds", "999999999999999", Code.IMPOSSIBLE_DATE),
    ],
)
def test_a_date_is_read_in_its_format_alone(form: str, text: str, found: object) -> None:
    assert outcome(date_reader(DateFormat(form), MONTREAL), text) == found


@settings(deadline=400)
@given(
    st.sampled_from(DateFormat),
    st.text(max_size=40) | st.from_regex(r"[0-9]{1,4}[-/ .][0-9]{1,2}[-/ .][0-9]{1,4}"),
)
def test_no_text_makes_a_date_reader_stumble(form: DateFormat, text: str) -> None:
    found = outcome(date_reader(form, MONTREAL), text)

    assert isinstance(found, date | Code)


@given(st.sampled_from(DateFormat), st.dates(date(1970, 1, 2), date(2199, 12, 30)))
def test_a_date_that_is_written_reads_the_same(form: DateFormat, day: date) -> None:
    zone = ZoneInfo("UTC")

    found = date_reader(form, zone)(date_writer(form, zone)(day))

    assert (found.date() if isinstance(found, datetime) else found) == day


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("046 454 286", "046454286"),
        ("046-454-286", "046454286"),
        ("046454287", Code.SIN_CHECK_DIGIT),
        ("000000000", Code.SIN_CHECK_DIGIT),
        ("46454286", Code.ZEROS_LOST),
        ("46454287", Code.SIN_LENGTH),
        ("4.6454286E+07", Code.EXCEL_SCIENTIFIC),
        ("０４６４５４２８６", Code.SIN_LENGTH),
    ],
)
def test_a_social_insurance_number_has_nine_digits_that_check(text: str, found: object) -> None:
    assert outcome(sin, text) == found


@given(st.text("0123456789", min_size=8, max_size=8))
def test_one_last_digit_in_ten_checks(body: str) -> None:
    assert sum(has_check_digit(body + last) for last in "0123456789") == 1


@settings(max_examples=300, deadline=400)
@given(PHONE_TEXT, st.sampled_from(["CA", "US", "FR"]))
@example("1 514 555 0123", "CA")
@example("(514) 555-0123", "FR")
@example("+1 (514) 555.0123", "FR")
@example("15145550123", "US")
def test_the_quick_way_to_a_telephone_gives_what_the_library_gives(text: str, country: str) -> None:
    assert outcome(phone, text, country) == outcome(phone_by_library, text, country)


@pytest.mark.parametrize(
    ("text", "country", "found"),
    [
        ("h2x1y4", "CA", "H2X 1Y4"),
        ("H2X-1Y4", "CA", "H2X 1Y4"),
        ("H2O 1Y4", "CA", Code.POSTAL_CODE_INVALID),
        ("02134", "US", "02134"),
        ("02134-1234", "US", "02134-1234"),
        ("2134", "US", Code.ZEROS_LOST),
    ],
)
def test_a_postal_code_is_of_its_country(text: str, country: str, found: object) -> None:
    assert outcome(postal_code, text, Country(country)) == found


def test_an_account_keeps_its_zeros() -> None:
    assert digits("003", least=3) == "003"
    assert outcome(digits, "3", least=3) == Code.ZEROS_LOST
    assert outcome(digits, "1.2E+10") == Code.EXCEL_SCIENTIFIC


def test_what_nobody_sees_is_dropped_and_what_nobody_can_write_is_refused() -> None:
    assert clean("\ufeffGene\u200bviève \n Roy") == "Geneviève Roy"
    assert outcome(clean, "Roy\x00") == Code.CONTROL_CHARACTER
    assert outcome(clean, "\ud800") == Code.CONTROL_CHARACTER


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, None),
        (" ", None),
        (True, "true"),
        (7, "7"),
        (7.0, "7"),
        (7.25, "7.25"),
        (10**90, Code.TOO_LARGE),
        (float("nan"), Code.NOT_A_NUMBER),
        ({}, Code.NOT_A_VALUE),
        ("###", Code.EXCEL_OVERFLOW),
        ("#VALUE!", Code.EXCEL_ERROR),
        ("#5", "#5"),
    ],
)
def test_any_value_becomes_text_or_is_refused(value: Any, found: object) -> None:
    assert outcome(as_text, value) == found


def test_every_code_has_words() -> None:
    assert set(WORDS) == set(Code)
