"""Codes of authenticator apps against the vectors of RFC 6238, and recovery codes."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.accounts import factors
from tests.makers import NOW

# RFC 6238, appendix B: the SHA-1 secret, and the last six of its eight digits.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VECTORS = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]


@pytest.mark.parametrize(("second", "code"), VECTORS)
def test_gives_the_codes_of_the_standard(second: int, code: str) -> None:
    moment = datetime.fromtimestamp(second, UTC)

    assert factors.code_at(SECRET, factors.step_at(moment)) == code


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_takes_a_clock_that_is_wrong_by_one_step_either_way(steps: int, is_taken: bool) -> None:
    code = factors.code_at(SECRET, factors.step_at(NOW + timedelta(seconds=30 * steps)))

    assert (factors.matching_step(SECRET, code, now=NOW) is not None) == is_taken


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12345६", "\x00", "-" * 40])
def test_finds_no_step_for_what_is_no_code(typed: str) -> None:
    assert factors.matching_step(SECRET, typed, now=NOW) is None


def test_takes_a_code_as_people_type_it() -> None:
    code = factors.code_at(SECRET, factors.step_at(NOW))

    assert factors.matching_step(SECRET, f" {code[:3]} {code[3:]} ", now=NOW) == factors.step_at(NOW)


def test_derives_ten_recovery_codes_that_differ() -> None:
    codes = factors.recovery_codes(factors.new_seed())

    assert len(set(codes)) == 10
    assert all(len(code) == 11 and code[5] == "-" for code in codes)


def test_finds_a_recovery_code_without_its_dash_and_in_capitals() -> None:
    codes = factors.recovery_codes("seed")

    assert factors.matching_recovery_code("seed", codes[3].replace("-", " ").upper()) == 3
    assert factors.matching_recovery_code("other", codes[3]) is None


def test_names_the_portal_and_the_account_in_the_address_for_apps() -> None:
    address = factors.app_address(SECRET, "olga@example.com")

    assert address.startswith("otpauth://totp/Countersign:olga%40example.com?")
    assert f"secret={SECRET}" in address
