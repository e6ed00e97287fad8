"""The banks and analysts of cases."""

from tests.fraud.cases.conftest import analyst, bank_a, bank_b, second_analyst

__all__ = ["analyst", "bank_a", "bank_b", "second_analyst"]
