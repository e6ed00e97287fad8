import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.crypto.ff1 import FF1, DomainTooSmallError
from portal.crypto.ff1_arrays import BLOCK, FF1Array

KEY = bytes(range(32))


def numerals(number: int, radix: int, length: int) -> list[int]:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, radix)
        digits.append(digit)
    return digits[::-1]


def number(digits: list[int], radix: int) -> int:
    total = 0
    for digit in digits:
        total = total * radix + digit
    return total


@st.composite
def ciphers(draw):
    radix = draw(st.integers(3, 64))
    shortest = next(n for n in range(6, 17) if radix**n >= 1_000_000)
    length = draw(st.integers(shortest, 16))
    key = draw(st.binary(min_size=32, max_size=32))[: draw(st.sampled_from([16, 24, 32]))]
    tweak = draw(st.binary(max_size=8))
    return FF1Array(key, radix=radix, length=length, tweak=tweak), FF1(key, radix=radix, tweak=tweak)


@settings(max_examples=300, deadline=None)
@given(ciphers(), st.data())
def test_the_array_path_equals_the_scalar_path(pair, data):
    array, scalar = pair
    first = data.draw(st.integers(0, array.size - 3))

    a, b = array.encrypt_range(first, 3)

    for step in range(3):
        image = scalar.encrypt(numerals(first + step, array.radix, array.length))
        assert int(a[step]) * array.low + int(b[step]) == number(image, array.radix)


@settings(max_examples=200, deadline=None)
@given(ciphers(), st.data())
def test_single_serials_equal_the_scalar_path(pair, data):
    array, scalar = pair
    serial = data.draw(st.integers(0, array.size - 1))

    image = array.encrypt_serial(serial)

    assert numerals(image, array.radix, array.length) == scalar.encrypt(
        numerals(serial, array.radix, array.length)
    )
    assert array.decrypt_serial(image) == serial


SHAPES = [
    (radix, length)
    for radix in (3, 10, 16, 29, 32, 33, 62, 63, 64)
    for length in range(6, 17)
    if radix**length >= 1_000_000
]


@pytest.mark.parametrize(("radix", "length"), SHAPES)
def test_every_shape_comes_back(radix, length):
    cipher = FF1Array(KEY, radix=radix, length=length, tweak=b"tweak")
    first = cipher.size - 100

    a, b = cipher.decrypt_halves(*cipher.encrypt_range(first, 100))

    assert [int(x) * cipher.low + int(y) for x, y in zip(a, b, strict=True)] == list(
        range(first, first + 100)
    )


@pytest.mark.parametrize("radix", [10, 16])
def test_a_small_domain_is_permuted_without_gap_or_collision(radix):
    cipher = FF1Array(KEY, radix=radix, length=6, tweak=b"t")

    a, b = cipher.encrypt_range(0, cipher.size)

    images = a * np.uint64(cipher.low) + b
    assert np.array_equal(np.sort(images), np.arange(cipher.size, dtype=np.uint64))
    assert np.array_equal(cipher.decrypt_serials(a, b), np.arange(cipher.size, dtype=np.uint64))


def test_scattered_serials_equal_the_run():
    cipher = FF1Array(KEY, radix=29, length=12)
    serials = np.arange(BLOCK + 100, dtype=np.uint64)[::-1]

    a, b = cipher.encrypt_serials(serials)

    run_a, run_b = cipher.encrypt_range(0, BLOCK + 100)
    assert np.array_equal(a, run_a[::-1])
    assert np.array_equal(b, run_b[::-1])


def test_threads_share_one_cipher():
    cipher = FF1Array(KEY, radix=29, length=12)
    expected = [cipher.encrypt_range(start, 40_000) for start in range(0, 400_000, 40_000)]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda start: cipher.encrypt_range(start, 40_000), range(0, 400_000, 40_000)))
        serials = list(pool.map(lambda s: cipher.decrypt_serial(cipher.encrypt_serial(s)), range(500)))

    assert serials == list(range(500))
    for (a, b), (c, d) in zip(expected, found, strict=True):
        assert np.array_equal(a, c)
        assert np.array_equal(b, d)


@pytest.mark.parametrize(
    ("first", "count"), [(-1, 1), (10**6, 1), (10**6 - 1, 2), (0, -1), (0, 10**6 + 1), (10**18, 1)]
)
def test_refuses_a_run_outside_the_domain(first, count):
    cipher = FF1Array(KEY, radix=10, length=6)

    with pytest.raises(ValueError, match="outside the domain"):
        cipher.encrypt_range(first, count)


@pytest.mark.parametrize("serial", [-1, 10**6])
def test_refuses_a_serial_outside_the_domain(serial):
    cipher = FF1Array(KEY, radix=10, length=6)

    with pytest.raises(ValueError, match="outside the domain"):
        cipher.encrypt_serial(serial)
    with pytest.raises(ValueError, match="outside the domain"):
        cipher.decrypt_serial(serial)


def test_refuses_serials_and_halves_outside_the_domain():
    cipher = FF1Array(KEY, radix=10, length=6)

    with pytest.raises(ValueError, match="outside the domain"):
        cipher.encrypt_serials(np.array([5, 10**6], np.uint64))
    with pytest.raises(ValueError, match="outside the domain"):
        cipher.decrypt_halves(np.array([5], np.uint64), np.array([1000], np.uint64))


def test_refuses_a_domain_under_a_million():
    with pytest.raises(DomainTooSmallError):
        FF1Array(KEY, radix=9, length=6)


@pytest.mark.parametrize(
    "shape",
    [
        {"radix": 65, "length": 8},
        {"radix": 1, "length": 8},
        {"radix": 10, "length": 17},
        {"radix": 64, "length": 5},
        {"radix": 10, "length": 8, "tweak": b"123456789"},
    ],
)
def test_refuses_a_shape_that_arrays_do_not_take(shape):
    with pytest.raises(ValueError, match="Arrays take"):
        FF1Array(KEY, **shape)


def test_a_cipher_is_never_pickled():
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(FF1Array(KEY, radix=10, length=8))
