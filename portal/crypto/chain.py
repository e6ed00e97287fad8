"""The chain of the trail: how links are hashed, and a verifier of exports that needs nothing but this file.

An outsider runs it as `python chain.py EXPORT [--key PUBLIC.pem]`; to check signatures takes the package cryptography.
"""

import argparse
import base64
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

# Before the first link lies a link of zeros.
GENESIS = bytes(32)
DIGEST_BYTES = 32
EXPORT_FORMAT = 1
# Each hash begins with what it is of, so that none can pass for another.
_LINK = b"countersign trail link 1\n"
_CONTENT = {"entry": b"countersign trail entry 1\n", "run": b"countersign trail run 1\n"}
_BODY = b',"body":'
_PROGRESS_EVERY = 100_000


class BreakKind(StrEnum):
    """What can be wrong with a chain."""

    CHANGED_ENTRY = "changed-entry"
    MISSING_ENTRY = "missing-entry"
    UNSEALED_ENTRY = "unsealed-entry"
    CHANGED_LINK = "changed-link"
    MISSING_LINK = "missing-link"
    REORDERED = "reordered"
    RUN_DIFFERS = "run-differs"
    ANCHOR_MISMATCH = "anchor-mismatch"
    BAD_SIGNATURE = "bad-signature"
    CUT_EXPORT = "cut-export"


class Break(NamedTuple):
    """The first thing found wrong: where, of which kind, what should be there, what is."""

    position: int
    kind: BreakKind
    expected: str
    found: str


class ChainError(ValueError):
    """The chain does not hold; `broken` says where and how."""

    def __init__(self, broken: Break) -> None:
        super().__init__(
            f"{broken.kind} at position {broken.position}: expected {broken.expected}, found {broken.found}"
        )
        self.broken = broken


def content_digest(kind: str, body: bytes) -> bytes:
    """Hash what a link seals, 32 bytes: *body* is the exact text of an entry or a run, *kind* which of the two."""
    return sha256(_CONTENT[kind] + body).digest()


def link_digest(previous: bytes, content: bytes) -> bytes:
    """Hash a link, 32 bytes, from the link before it and the digest of what it seals."""
    return sha256(_LINK + previous + content).digest()


def digests(previous: bytes, sealed: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """Give the digest of each next link for (kind, body) after the link *previous*."""
    for kind, body in sealed:
        content = sha256(_CONTENT[kind] + body).digest()
        previous = sha256(_LINK + previous + content).digest()
        yield previous


def export_line(position: int, kind: str, digest: bytes, body: bytes) -> bytes:
    """Write a link as a line of an export: JSON whose body is the exact text that was hashed."""
    head = f'{{"position":{position},"kind":"{kind}","digest":"{digest.hex()}"'.encode()
    return head + _BODY + body + b"}\n"


def hidden_line(position: int, kind: str, digest: bytes, content: bytes) -> bytes:
    """Write a link whose content the reader may not see: its digest stands for it, and the chain can be followed."""
    head = f'{{"position":{position},"kind":"{kind}","digest":"{digest.hex()}"'
    return f'{head},"content":"{content.hex()}"}}\n'.encode()


def anchor_line(document: str, signature: str, key_id: str) -> bytes:
    """Write an anchor as a line of an export; *document* is the exact text that was signed."""
    anchor = {"kind": "anchor", "document": document, "signature": signature, "key_id": key_id}
    return json.dumps(anchor, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def first_line(first: int, before: bytes) -> bytes:
    """Write the first line of an export that begins at position *first*, after the digest *before*."""
    head = {"kind": "export", "format": EXPORT_FORMAT, "first": first, "before": before.hex()}
    return json.dumps(head, separators=(",", ":")).encode() + b"\n"


def last_line(links: int, anchors: int) -> bytes:
    """Write the last line of an export; one without it was cut off."""
    return f'{{"kind":"end","links":{links},"anchors":{anchors}}}\n'.encode()


@dataclass(slots=True)
class Verified:
    """What a verifier has gone through."""

    first: int = 0
    last: int = 0
    links: int = 0
    hidden: int = 0
    anchors: int = 0
    signatures: int = 0


Check = Callable[[str, bytes], None]


def verify_export(
    lines: Iterable[bytes],
    check: Check | None = None,
    progress: Callable[[Verified], None] = lambda _done: None,
) -> Verified:
    """Follow an export from its first line to its last, in constant memory.

    *check* raises ValueError when a signature (base64) does not fit a document; without it signatures are left out.

    :raises ChainError: the export does not hold together, with the first place where it does not
    """
    reader = _Reader(check)
    for line in lines:
        reader.take(line)
        if reader.done.links and reader.done.links % _PROGRESS_EVERY == 0:
            progress(reader.done)
    if not reader.is_ended:
        raise ChainError(Break(reader.done.last, BreakKind.CUT_EXPORT, "a last line", "the end of the file"))
    return reader.done


class _Reader:
    """Takes the lines of an export one by one."""

    def __init__(self, check: Check | None) -> None:
        self.done = Verified()
        self.is_ended = False
        self._check = check
        self._previous = b""

    def take(self, line: bytes) -> None:
        try:
            self._take(json.loads(line), line)
        except ChainError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError):
            raise self._cut(line) from None

    def _take(self, fields: dict[str, Any], line: bytes) -> None:
        kind = fields["kind"]
        if kind == "export" and not self._previous:
            self._begin(fields)
        elif not self._previous or self.is_ended:
            raise self._cut(line)
        elif kind == "anchor":
            self._anchor(fields)
        elif kind == "end":
            self._end(fields)
        elif kind in _CONTENT:
            self._link(fields, line)
        else:
            # Also a second beginning: behind it the chain could be taken up anywhere.
            raise self._cut(line)

    def _begin(self, fields: dict[str, Any]) -> None:
        self.done.first = fields["first"]
        self.done.last = fields["first"] - 1
        self._previous = bytes.fromhex(fields["before"])
        if fields["first"] == 1 and self._previous != GENESIS:
            raise ChainError(
                Break(1, BreakKind.CHANGED_LINK, f"nothing before it ({GENESIS.hex()})", fields["before"])
            )

    def _link(self, fields: dict[str, Any], line: bytes) -> None:
        position, wanted = fields["position"], self.done.last + 1
        if position != wanted:
            raise ChainError(
                Break(wanted, BreakKind.MISSING_LINK, f"position {wanted}", f"position {position}")
            )
        if "content" in fields:
            content = bytes.fromhex(fields["content"])
            written = hidden_line(position, fields["kind"], bytes.fromhex(fields["digest"]), content)
            self.done.hidden += 1
        else:
            # The bytes as they stand in the line: to write JSON anew could change them.
            body = line.rstrip(b"\r\n")[line.index(_BODY) + len(_BODY) : -1]
            content = content_digest(fields["kind"], body)
            written = export_line(position, fields["kind"], bytes.fromhex(fields["digest"]), body)
        if line.rstrip() != written.rstrip():
            # What stands in a line besides is vouched for by nothing.
            raise self._cut(line)
        digest = link_digest(self._previous, content)
        if digest.hex() != fields["digest"]:
            raise ChainError(Break(position, BreakKind.CHANGED_ENTRY, fields["digest"], digest.hex()))
        self._previous = digest
        self.done.last = position
        self.done.links += 1

    def _anchor(self, fields: dict[str, Any]) -> None:
        document = json.loads(fields["document"])
        position, anchored, found = document["position"], document["digest"], self._previous.hex()
        # An anchor stands right behind the link that it holds.
        if (position, anchored) != (self.done.last, found):
            raise ChainError(Break(position, BreakKind.ANCHOR_MISMATCH, anchored, found))
        if self._check is not None:
            try:
                self._check(fields["signature"], fields["document"].encode())
            except ValueError as error:
                raise ChainError(
                    Break(position, BreakKind.BAD_SIGNATURE, "a valid signature", str(error))
                ) from None
            self.done.signatures += 1
        self.done.anchors += 1

    def _end(self, fields: dict[str, Any]) -> None:
        counted = (self.done.links, self.done.anchors)
        if counted != (fields["links"], fields["anchors"]):
            said = f"{fields['links']} links and {fields['anchors']} anchors"
            raise ChainError(
                Break(self.done.last, BreakKind.CUT_EXPORT, said, f"{counted[0]} and {counted[1]}")
            )
        self.is_ended = True

    def _cut(self, line: bytes) -> ChainError:
        found = line[:60].decode(errors="replace").strip() or "an empty line"
        return ChainError(Break(self.done.last, BreakKind.CUT_EXPORT, "a line of an export", found))


def signature_check(texts: Sequence[str]) -> Check:
    """Make the check of Ed25519 signatures (RFC 8032) by any of these public keys: PEM, or /keys/public.json.

    :raises ValueError: a text is neither
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        keys: list[Any] = [load_pem_public_key(pem.encode()) for text in texts for pem in _pems(text)]
    except (KeyError, ValueError) as error:
        raise ValueError("no public key of the trail") from error
    if not keys:
        raise ValueError("no public key of the trail")

    def check(signature: str, document: bytes) -> None:
        for key in keys:
            try:
                key.verify(base64.b64decode(signature, validate=True), document)
            except InvalidSignature:
                continue
            return
        raise ValueError("a signature by none of the keys")

    return check


def _pems(text: str) -> list[str]:
    """Give the keys of the trail in what the portal publishes; anything else is one PEM."""
    if not text.lstrip().startswith("{"):
        return [text]
    published = json.loads(text).get("keys", [])
    return [key["public_key"] for key in published if key.get("purpose") == "trail"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify the export that the command line names; 0 when it holds, 1 when it does not."""
    parser = argparse.ArgumentParser(description="Verify an export of Countersign's trail.")
    parser.add_argument("export", type=Path)
    parser.add_argument(
        "--key",
        type=Path,
        action="append",
        default=[],
        help="public key in PEM, or /keys/public.json; repeatable",
    )
    options = parser.parse_args(arguments)

    def progress(done: Verified) -> None:
        sys.stderr.write(f"\r{done.links:,} links")

    try:
        check = signature_check([path.read_text() for path in options.key]) if options.key else None
        with options.export.open("rb") as lines:
            done = verify_export(lines, check, progress)
    except ChainError as error:
        sys.stderr.write(f"BROKEN: {error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{error.filename} cannot be read: {error.strerror}.\n")
        return 2
    except ValueError:
        sys.stderr.write("A file given by --key holds no public key of the trail.\n")
        return 2
    sys.stdout.write(
        f"Sound: positions {done.first} to {done.last}, {done.hidden} of them hidden; {done.anchors} anchors fit, "
        f"{done.signatures} signatures checked.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
