"""Dates, telephones, e-mail addresses, accounts, devices: what is the same, and what is nobody's."""

from datetime import date

import pytest

from fraud.rules.canonical import BankAccount
from fraud.rules.elements.contacts import account_key, birth_key, device_key, email_key, ip_key, phone_key


def test_swapped_day_and_month_meet() -> None:
    assert birth_key(date(1988, 4, 9)) == birth_key(date(1988, 9, 4))
    assert birth_key(date(1988, 4, 9)) != birth_key(date(1988, 4, 8))
    assert birth_key(date(1988, 4, 13)) != birth_key(date(1988, 1, 4))


def test_a_birth_date_that_systems_fill_in_is_none() -> None:
    assert birth_key(None) == ""
    assert birth_key(date(1900, 1, 1)) == ""
    assert birth_key(date(1901, 1, 1)) == "1901-01-01"


@pytest.mark.parametrize(
    "address",
    ["jane.doe@gmail.com", "JaneDoe@GMail.com", "janedoe+bank@gmail.com", " jane.doe@googlemail.com "],
)
def test_spellings_of_one_mailbox_meet(address: str) -> None:
    assert email_key(address) == "janedoe@gmail.com"


def test_dots_matter_where_they_do() -> None:
    assert email_key("jane.doe@example.com") == "jane.doe@example.com"
    assert email_key("jane.doe+x@example.com") == "jane.doe@example.com"


@pytest.mark.parametrize(
    "nobody", ["", "none@none.com", "noemail@example.com", "jane", "jane@", "@example.com", "a@b"]
)
def test_what_is_no_mailbox_is_none(nobody: str) -> None:
    assert email_key(nobody) == ""


def test_a_number_of_one_digit_is_nobodys() -> None:
    assert phone_key("+15145550123") == "+15145550123"
    assert phone_key("+15149999999") == ""


def test_an_account_is_whole_or_none() -> None:
    assert account_key(BankAccount(institution="3", transit="1234", number="0012345")) == "003-01234-12345"
    assert account_key(BankAccount(institution="003", transit="01234", number="12345")) == "003-01234-12345"
    assert account_key(BankAccount(number="12345")) == ""
    assert account_key(BankAccount(institution="003", transit="01234", number="0000")) == ""
    assert account_key(None) == ""


def test_a_device_says_which_it_is() -> None:
    assert device_key(" dev-7f3a ") == "dev-7f3a"
    assert device_key("UNKNOWN") == ""
    assert device_key("00000000-0000-0000-0000-000000000000") == ""


def test_addresses_of_the_network_are_sites() -> None:
    assert ip_key("203.0.113.7") == "203.0.113.7"
    assert ip_key("2001:db8:1:2::7") == ip_key("2001:db8:1:2:ffff::9") == "2001:db8:1:2::"
    assert ip_key("192.168.1.7") == ""
    assert ip_key("2001:nonsense") == ""
    assert ip_key("") == ""
