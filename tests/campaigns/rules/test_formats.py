import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.rules.alphabets import CROCKFORD, DIGITS, UNAMBIGUOUS
from campaigns.rules.check_character import check_character
from campaigns.rules.formats import CheckCharacterError, CodeFormat, FormatError, MalformedCodeError

PLAIN = CodeFormat(CROCKFORD, 12, (4, 4, 4))
CHECKED = CodeFormat(UNAMBIGUOUS, 13, (4, 4, 5), prefix="SUN10", has_check=True)


def test_the_payload_leaves_out_the_check_character():
    assert (CHECKED.payload_length, CHECKED.space) == (12, 29**12)


@pytest.mark.parametrize(
    "wrong",
    [
        {"alphabet": "AAB"},
        {"length": 7},
        {"length": 17},
        {"length": 8, "has_check": True},
        {"length": 18, "has_check": True},
        {"length": -1},
        {"length": 0},
        {"grouping": (4, 4)},
        {"grouping": (4, 4, 5)},
        {"grouping": (12, 0)},
        {"grouping": (-4, 16)},
        {"prefix": "TOOLONG"},
        {"prefix": "sun"},
        {"prefix": "S-N"},
        {"prefix": "ÉTÉ"},
        {"prefix": " "},
    ],
)
def test_refuses_a_format_naming_the_field(wrong):
    good = {"alphabet": CROCKFORD, "length": 12, "grouping": ()}

    with pytest.raises(FormatError) as refusal:
        CodeFormat(**{**good, **wrong})

    assert refusal.value.field == next(iter(wrong))
    assert str(refusal.value)


def test_refuses_a_space_under_a_million():
    with pytest.raises(FormatError, match="at least 1,000,000") as refusal:
        CodeFormat("ABC", 12)

    assert (refusal.value.field, refusal.value.code) == ("length", "space-too-small")


def test_takes_a_space_of_just_over_a_million():
    assert CodeFormat("ABC", 13).space == 3**13


@pytest.mark.parametrize("code_format", [PLAIN, CHECKED, CodeFormat(DIGITS, 8)])
def test_stored_and_read_back_it_is_the_same(code_format):
    assert CodeFormat.from_json(code_format.to_json()) == code_format


def test_a_manifest_shows_the_format():
    assert CHECKED.to_json() == {
        "alphabet": UNAMBIGUOUS,
        "length": 13,
        "grouping": [4, 4, 5],
        "check": True,
        "prefix": "SUN10",
    }


def test_test_serials_lie_above_what_batches_may_use():
    small = CodeFormat(DIGITS, 8)

    assert small.capacity == 10**8 - 10**5
    assert small.is_test_serial(small.capacity)
    assert small.is_test_serial(small.space - 1)
    assert not small.is_test_serial(small.capacity - 1)
    assert not small.is_test_serial(small.space)


def test_no_more_than_a_million_serials_are_kept_for_tests():
    assert len(PLAIN.test_serials) == 1_000_000


def test_serials_fit_into_a_signed_column_however_large_the_space():
    large = CodeFormat(CROCKFORD, 16)

    assert large.space > 2**64
    assert large.capacity == 2**63 - 1
    assert not large.is_test_serial(large.capacity)


def test_prints_groups_behind_the_prefix():
    assert CHECKED.printed("2345678922225") == "SUN10-2345-6789-22225"
    assert PLAIN.printed("K7QWM2XF9RTD") == "K7QW-M2XF-9RTD"
    assert CodeFormat(CROCKFORD, 12).printed("K7QWM2XF9RTD") == "K7QWM2XF9RTD"


@pytest.mark.parametrize(
    "typed",
    [
        "K7QW-M201-9RTD",
        "k7qwm2019rtd",
        " K7QW M201 9RTD ",
        "k7qw-m2oi-9rtd",
        "K7QW-M2Ol-9RTD",
        "K7QW\u2013M201\u20139RTD",
        "K7QW\u00a0M201\u20119RTD",
        "\uff2b\uff17\uff31\uff37\uff0d\uff2d\uff12\uff10\uff11\uff0d9RTD",
        "K-7-Q-W-M-2-0-1-9-R-T-D",
        "K7QW-M201-9RTD\r\n",
    ],
)
def test_reads_what_people_type(typed):
    assert PLAIN.fold(typed) == "K7QWM2019RTD"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "length"),
        ("K7QW", "length"),
        ("K7QW-M2XF-9RTDX", "length"),
        ("K7QW-M2XF-9RT", "length"),
        ("K7QW-M2XF-9RTU", "character"),
        ("K7QW-M2XF-9RT!", "character"),
        ("K7QW-M2XF-9RT\u0410", "character"),
        ("K7QW-M2XF-9RT\u00c9", "character"),
        ("K7QW-M2XF-9RT\u2460", "character"),
        ("K7QW-M2XF-9RT\u0661", "character"),
        ("K7QW-M2XF-9RT\U0001f600", "character"),
        ("K7QW-M2XF-9RTD\u200b", "invisible"),
        ("K7QW\u200d-M2XF-9RTD", "invisible"),
        ("\ufeffK7QW-M2XF-9RTD", "invisible"),
        ("K7QW-M2XF-9RT\u0301", "invisible"),
        ("K7QW-M2XF-9RT\x00", "invisible"),
        ("K7QW-M2XF-9RTD\x1b", "invisible"),
        ("K7QW-M2XF-9RT\ud800", "character"),
        ("K" * 10_000, "too-long"),
        ("-" * 65, "too-long"),
    ],
)
def test_refuses_what_cannot_be_a_code(typed, reason):
    with pytest.raises(MalformedCodeError) as refusal:
        PLAIN.fold(typed)

    assert (refusal.value.code, refusal.value.reason) == ("code-malformed", reason)


def checked_code(payload: str) -> str:
    return payload + check_character(payload, UNAMBIGUOUS)


@pytest.mark.parametrize("prefix", ["", "SUN10-", "sun10", "SUNIO ", "sunl0-"])
def test_the_prefix_may_be_left_out_or_misread(prefix):
    code = checked_code("23456789BCDF")

    assert CHECKED.fold(prefix + code) == code


def test_another_prefix_is_refused():
    with pytest.raises(MalformedCodeError):
        CHECKED.fold("WIN10-" + checked_code("23456789BCDF"))


def test_a_wrong_check_character_is_told_apart():
    code = checked_code("23456789BCDF")
    other = "2" if code[-1] != "2" else "3"

    with pytest.raises(CheckCharacterError) as refusal:
        CHECKED.fold(code[:-1] + other)

    assert (refusal.value.code, refusal.value.reason) == ("code-malformed", "check")


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_a_code_or_malformed(text):
    try:
        canonical = CHECKED.fold(text)
    except MalformedCodeError:
        return

    assert CHECKED.fold(CHECKED.printed(canonical)) == canonical


@pytest.mark.parametrize(
    ("length", "grouping"), [(13, (4, 3, 3, 3)), (14, (4, 4, 3, 3)), (16, (4, 4, 4, 4)), (8, (4, 4))]
)
def test_another_length_is_grouped_evenly(length, grouping):
    assert PLAIN.with_length(length).grouping == grouping
