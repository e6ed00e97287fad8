"""The chain by itself: hashes that differ when anything does, and exports that an outsider verifies with one file."""

import base64
import json
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from portal.crypto import chain
from portal.crypto.chain import (
    GENESIS,
    BreakKind,
    ChainError,
    anchor_line,
    content_digest,
    digests,
    export_line,
    first_line,
    hidden_line,
    last_line,
    link_digest,
    signature_check,
    verify_export,
)
from portal.crypto.signatures import public_pem

BODIES = [b'{"id":1,"act":"a.b"}', b'{"id":2,"act":"c.d"}', '{"id":3,"act":"é \\"body\\":"}'.encode()]
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def exported(*, first=1, before=GENESIS, hide=(), anchor_at=0, key=KEY):
    """The lines of an export of BODIES."""
    lines, anchors = [first_line(first, before)], 0
    sealed = [("entry", body) for body in BODIES]
    for position, (body, digest) in enumerate(zip(BODIES, digests(before, sealed), strict=True), first):
        if position in hide:
            lines.append(hidden_line(position, "entry", digest, content_digest("entry", body)))
        else:
            lines.append(export_line(position, "entry", digest, body))
        if position == anchor_at:
            document = f'{{"position":{position},"digest":"{digest.hex()}"}}'
            signature = base64.b64encode(key.sign(document.encode())).decode()
            lines.append(anchor_line(document, signature, "0" * 16))
            anchors += 1
    return [*lines, last_line(len(BODIES), anchors)]


def broken(lines, check=None):
    with pytest.raises(ChainError) as found:
        verify_export(lines, check)
    return found.value.broken


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_each_link_rests_on_the_one_before_it(bodies):
    links = list(digests(GENESIS, [("entry", body) for body in bodies]))

    rebuilt = [
        link_digest(before, content_digest("entry", body))
        for before, body in zip([GENESIS, *links], bodies, strict=False)
    ]
    assert links == rebuilt
    assert all(before != after for before, after in pairwise([GENESIS, *links]))


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_other_contents_have_other_digests(one, other):
    same = content_digest("entry", one) == content_digest("entry", other)

    assert same == (one == other)


def test_an_entry_cannot_pass_for_a_run():
    assert content_digest("entry", b"x") != content_digest("run", b"x")


def test_an_untouched_export_holds():
    done = verify_export(exported(hide=(2,), anchor_at=3))

    assert (done.first, done.last, done.links, done.hidden, done.anchors) == (1, 3, 3, 1, 1)


def test_an_export_from_the_midst_of_the_chain_holds():
    assert verify_export(exported(first=7, before=b"\1" * 32)).last == 9


def test_the_beginning_of_the_chain_is_nothing_but_zeros():
    assert broken(exported(before=b"\1" * 32))[:2] == (1, BreakKind.CHANGED_LINK)


@pytest.mark.parametrize("place", [1, 2, 3])
def test_a_changed_body_is_found_at_its_position(place):
    lines = exported()
    lines[place] = lines[place].replace(b'"id"', b'"di"')

    assert broken(lines)[:2] == (place, BreakKind.CHANGED_ENTRY)


def test_a_changed_digest_of_a_hidden_entry_is_found():
    lines = exported(hide=(2,))
    lines[2] = lines[2].replace(b'"content":"', b'"content":"00')

    assert broken(lines)[:2] == (2, BreakKind.CHANGED_ENTRY)


def test_a_missing_line_is_found():
    lines = exported()
    del lines[2]

    assert broken(lines)[:2] == (2, BreakKind.MISSING_LINK)


def test_swapped_lines_are_found():
    lines = exported()
    lines[2], lines[3] = lines[3], lines[2]

    assert broken(lines)[:2] == (2, BreakKind.MISSING_LINK)


def test_a_second_beginning_takes_the_chain_up_nowhere_else():
    later = exported(first=7, before=b"\1" * 32)
    lines = [*exported()[:2], *later[:-1], last_line(1 + len(BODIES), 0)]

    assert broken(lines)[:2] == (1, BreakKind.CUT_EXPORT)


@pytest.mark.parametrize(
    ("place", "there", "forged"),
    [
        (2, b"}\n", b',"body":{"id":2,"act":"never.happened"}}\n'),
        (1, b',"body":', b',"act":"never.happened","body":'),
        (1, b'{"position"', b'{"body":{"act":"never.happened"},"position"'),
    ],
)
def test_what_stands_beside_the_sealed_text_of_a_line_is_found(place, there, forged):
    lines = exported(hide=(2,))
    lines[place] = lines[place].replace(there, forged, 1)

    assert broken(lines).kind is BreakKind.CUT_EXPORT


@pytest.mark.parametrize(
    "line",
    [
        b'{"kind":"entry"}\n',
        b'{"kind":["entry"]}\n',
        b'{"kind":"anchor","document":"no document"}\n',
        b'{"kind":"entry","position":1,"digest":"no digest","body":{}}\n',
    ],
)
def test_a_line_that_cannot_be_read_is_found_and_not_stumbled_over(line):
    lines = exported()
    lines[1] = line

    assert broken(lines)[:2] == (0, BreakKind.CUT_EXPORT)


@pytest.mark.parametrize(
    "cut",
    [
        lambda lines: lines[:-1],
        lambda lines: [*lines[:-2], lines[-1]],
        lambda lines: lines[1:],
        lambda lines: [*lines, lines[1]],
        lambda lines: [*lines[:2], b"\n", *lines[2:]],
        lambda lines: [*lines[:2], b'{"kind":"note"}\n', *lines[2:]],
        lambda lines: [],
    ],
)
def test_an_export_that_was_cut_or_added_to_is_found(cut):
    assert broken(cut(exported())).kind is BreakKind.CUT_EXPORT


def test_an_anchor_of_another_link_is_found():
    lines = exported(anchor_at=2)
    lines[2], lines[3] = lines[3], lines[2]

    assert broken(lines).kind is BreakKind.ANCHOR_MISMATCH


def test_signatures_are_checked_with_the_key_that_is_given():
    check = signature_check([public_pem(KEY.public_key())])

    assert verify_export(exported(anchor_at=2), check).signatures == 1


def test_a_signature_by_another_key_is_found():
    other = Ed25519PrivateKey.generate()
    check = signature_check([public_pem(other.public_key())])

    assert broken(exported(anchor_at=2), check)[:2] == (2, BreakKind.BAD_SIGNATURE)


def published(*keys, purpose="trail"):
    """The document that the portal has at /keys/public.json."""
    halves = [{"purpose": purpose, "public_key": public_pem(key.public_key())} for key in keys]
    return json.dumps({"keys": halves})


def test_takes_the_keys_as_the_portal_publishes_them():
    check = signature_check([published(Ed25519PrivateKey.generate(), KEY)])

    assert verify_export(exported(anchor_at=2), check).signatures == 1


@pytest.mark.parametrize("text", [published(KEY, purpose="manifests"), "{}", "{", "no key at all", ""])
def test_refuses_what_holds_no_key_of_the_trail(text):
    with pytest.raises(ValueError, match="no public key of the trail"):
        signature_check([text])


@pytest.fixture
def alone(tmp_path):
    """The verifier as an outsider has it: one file, and nothing of the project beside it."""
    shutil.copy(Path(chain.__file__), tmp_path / "chain.py")
    (tmp_path / "key.pem").write_text(public_pem(KEY.public_key()))

    def run(lines, *, export="trail.jsonl", key="key.pem"):
        (tmp_path / "trail.jsonl").write_bytes(b"".join(lines))
        return subprocess.run(
            [sys.executable, "-I", "chain.py", export, "--key", key],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_the_verifier_stands_alone(alone):
    outcome = alone(exported(anchor_at=3))

    assert outcome.returncode == 0
    assert "Sound: positions 1 to 3" in outcome.stdout


def test_the_verifier_that_stands_alone_finds_a_change(alone):
    lines = exported()
    lines[2] = lines[2].replace(b"c.d", b"x.y")

    outcome = alone(lines)

    assert outcome.returncode == 1
    assert "BROKEN: changed-entry at position 2" in outcome.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"export": "nothing.jsonl"}, "nothing.jsonl cannot be read: No such file or directory.\n"),
        ({"key": "nothing.pem"}, "nothing.pem cannot be read: No such file or directory.\n"),
        ({"key": "trail.jsonl"}, "A file given by --key holds no public key of the trail.\n"),
    ],
)
def test_the_verifier_that_stands_alone_says_in_one_line_what_it_cannot_read(alone, given, said):
    outcome = alone(exported(), **given)

    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (2, "", said)
