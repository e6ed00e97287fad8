import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.crypto.ff1 import FF1, DomainTooSmallError, NumeralError

SAMPLES = json.loads((Path(__file__).parents[2] / "vectors" / "ff1_nist.json").read_text())
KEY = bytes(range(32))


def numerals(text: str) -> list[int]:
    return [SAMPLES["numerals"].index(character) for character in text]


@pytest.mark.parametrize("sample", SAMPLES["vectors"], ids=lambda sample: f"sample-{sample['sample']}")
def test_agrees_with_the_samples_of_nist(sample):
    cipher = FF1(bytes.fromhex(sample["key"]), radix=sample["radix"], tweak=bytes.fromhex(sample["tweak"]))

    image = cipher.encrypt(numerals(sample["plaintext"]))

    assert image == numerals(sample["ciphertext"])
    assert cipher.decrypt(image) == numerals(sample["plaintext"])


def test_all_nine_samples_are_there():
    assert [sample["sample"] for sample in SAMPLES["vectors"]] == list(range(1, 10))


@settings(deadline=None)
@given(
    st.sampled_from([2, 3, 10, 29, 36, 255, 256, 257, 1000, 65535, 65536]),
    st.integers(2, 60),
    st.binary(max_size=40),
    st.sampled_from([16, 24, 32]),
    st.data(),
)
def test_deciphering_undoes_enciphering_at_any_shape(radix, length, tweak, key_bytes, data):
    length = max(length, next(n for n in range(2, 21) if radix**n >= 1_000_000))
    plain = data.draw(st.lists(st.integers(0, radix - 1), min_size=length, max_size=length))
    cipher = FF1(KEY[:key_bytes], radix=radix, tweak=tweak)

    image = cipher.encrypt(plain)

    assert len(image) == length
    assert all(0 <= numeral < radix for numeral in image)
    assert cipher.decrypt(image) == plain


@pytest.mark.parametrize("length", [255 * 2, 300, 2000])
def test_takes_long_sequences(length):
    cipher = FF1(KEY, radix=10)
    plain = [place % 10 for place in range(length)]

    image = cipher.encrypt(plain)

    assert image != plain
    assert cipher.decrypt(image) == plain


def test_another_tweak_gives_another_image():
    plain = [1] * 12

    assert FF1(KEY, radix=29, tweak=b"a").encrypt(plain) != FF1(KEY, radix=29, tweak=b"b").encrypt(plain)


@pytest.mark.parametrize(("radix", "length"), [(10, 5), (2, 19), (999, 2), (65536, 1), (10, 0)])
def test_refuses_a_domain_under_a_million(radix, length):
    with pytest.raises(DomainTooSmallError):
        FF1(KEY, radix=radix).encrypt([0] * length)


@pytest.mark.parametrize(("radix", "length"), [(10, 6), (2, 20), (1000, 2), (65536, 2)])
def test_takes_a_domain_of_a_million(radix, length):
    assert len(FF1(KEY, radix=radix).encrypt([0] * length)) == length


@pytest.mark.parametrize("numeral", [-1, 10])
def test_refuses_a_numeral_outside_the_radix(numeral):
    with pytest.raises(NumeralError):
        FF1(KEY, radix=10).encrypt([0] * 9 + [numeral])


@pytest.mark.parametrize("radix", [-1, 0, 1, 65537])
def test_refuses_a_radix_out_of_range(radix):
    with pytest.raises(ValueError, match="radix"):
        FF1(KEY, radix=radix)


@pytest.mark.parametrize("size", [0, 15, 17, 33])
def test_refuses_a_key_that_is_not_of_aes(size):
    with pytest.raises(ValueError, match="16, 24 or 32"):
        FF1(bytes(size), radix=10)
