"""Passwords: the known ones and their like are refused, without network and without rules of composition."""

import gzip
from hashlib import sha1
from pathlib import Path

import django
import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.models import User
from portal.accounts.passwords import BUNDLED, PREFIX_BYTES, is_bundled, is_easy, is_in_file, prefix_of

COMMON = Path(django.__file__).parent / "contrib" / "auth" / "common-passwords.txt.gz"


@pytest.mark.parametrize(
    "password",
    [
        *("password", "PASSWORD", "password1234", "1234password", "Passwords2024!", "p@ssw0rd2024!"),
        *("q1w2e3r4t5y6", "1q2w3e4r5t6y", "qwertyuiop123", "baseball1999!!", "letmein00000"),
        *("passwordpassword", "monkeymonkeymonkey", "aaaaaaaaaaaa", "abcabcabcabc", "123456789012"),
        *("abcdefghijklmn", "qwertyuiopasdfgh", "987654321098", "P A S S W O R D"[::2] + "1234"),
    ],
)
def test_refuses_what_a_guesser_tries_early(password: str) -> None:
    assert is_easy(password)


@pytest.mark.parametrize(
    "password",
    [
        *("correct horse battery staple", "kovi tumbler 44 hedge", "ten quiet lamps burn", "wX9#tLq2!vBn"),
        *(
            "mon cheval préfère l’avoine",
            "dragon and eleven umbrellas",
            "пять тихих ламп горят",
            "🐴🔋📎 and some hay",
        ),
    ],
)
def test_takes_a_password_that_nobody_guesses(password: str) -> None:
    validate_password(password, User(name="Ana Paz", email="ana.paz@example.com"))


def test_the_bundled_list_is_small_sorted_and_holds_what_django_knows() -> None:
    listed = BUNDLED.read_bytes()
    prefixes = [listed[at : at + PREFIX_BYTES] for at in range(0, len(listed), PREFIX_BYTES)]

    assert len(listed) < 1_000_000
    assert prefixes == sorted(set(prefixes))
    assert {prefix_of(word) for word in gzip.decompress(COMMON.read_bytes()).decode().split()} <= set(
        prefixes
    )


@given(st.text(min_size=12, max_size=64))
def test_every_text_gets_an_answer(password: str) -> None:
    assert isinstance(is_easy(password), bool)


def test_the_bundled_list_knows_its_first_and_its_last() -> None:
    listed = BUNDLED.read_bytes()

    assert is_bundled("123456")
    assert not is_bundled("kovi tumbler 44 hedge")
    assert len(listed) % PREFIX_BYTES == 0


@pytest.fixture
def large_file(tmp_path: Path) -> Path:
    digests = sorted(sha1(f"breached {number}".encode()).hexdigest().upper() for number in range(500))
    path = tmp_path / "hashes.txt"
    path.write_text("".join(f"{digest}:{place * 7 + 1}\r\n" for place, digest in enumerate(digests)))
    return path


def test_finds_every_line_of_a_larger_file_and_nothing_else(large_file: Path) -> None:
    assert all(is_in_file(f"breached {number}", large_file) for number in range(500))
    assert not any(is_in_file(f"strong {number}", large_file) for number in range(500))


def test_finds_nothing_in_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.touch()

    assert not is_in_file("breached 1", path)


def test_an_operators_own_file_is_asked_as_well(large_file: Path, settings: object) -> None:
    settings.BREACHED_PASSWORDS = large_file  # type: ignore[attr-defined]

    with pytest.raises(ValidationError, match="breach"):
        validate_password("breached 123")


def test_a_file_that_is_not_there_is_no_silent_yes(tmp_path: Path, settings: object) -> None:
    settings.BREACHED_PASSWORDS = tmp_path / "gone.txt"  # type: ignore[attr-defined]

    with pytest.raises(FileNotFoundError):
        validate_password("kovi tumbler 44 hedge")


@pytest.mark.parametrize(
    "password",
    ["countersign hedge 44", "hedge MORALES tumbler", "ana.morales@example.com", "tumbler morales hedge"],
)
def test_refuses_what_everybody_knows_about_the_owner(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, User(name="Ana Morales", email="ana.morales@example.com"))


def test_a_short_password_is_refused_and_twelve_letters_are_enough() -> None:
    with pytest.raises(ValidationError, match="12"):
        validate_password("kovi hedge4")
    validate_password("kovi hedge44")
