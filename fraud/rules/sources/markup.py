"""XML in one pass: elements that are records, as text and as dicts; a DOCTYPE or entities are refused."""

from collections.abc import Iterable, Iterator
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from fraud.rules.sources.layouts import LONGEST_RECORD, SourceError
from fraud.rules.sources.texts import Line
from portal.core.phrases import Phrase

_DEEPEST = 32
# A name or an attribute that does not end is held by the parser, so it is bounded from outside.
_MOST_HELD = 4 << 20
_DTD = Phrase("The file has a DOCTYPE. Send it without; entities are not read.")
_DEEP = Phrase("The file's elements are nested too deeply.")
_HELD = Phrase("The file has an element or an attribute without an end.")


class MarkupError(ValueError):
    """An element that cannot be read."""


class _Elements:
    """What happens while the parser goes on: whole records gather in `found`."""

    def __init__(self, wanted: str, encoding: str | None) -> None:
        self.parser = expat.ParserCreate(encoding)
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = _refuse
        self.parser.EntityDeclHandler = _refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.wanted = wanted
        self.root = ""
        self.found: list[Line] = []
        self._depth = 0
        self._record_depth = 0
        self._pieces: list[str] = []
        self._size = 0
        self._line = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self.root = self.root or name
        if self._depth > _DEEPEST:
            raise SourceError("xml-deep", _DEEP)
        if not self._record_depth and name == self.wanted:
            self._record_depth, self._line = self._depth, self.parser.CurrentLineNumber
            attributes = {key: value for key, value in attributes.items() if not key.startswith("reject_")}
        if self._record_depth:
            self._keep(
                f"<{name}{''.join(f' {key}={quoteattr(value)}' for key, value in attributes.items())}>"
            )

    def _end(self, name: str) -> None:
        if self._record_depth:
            self._keep(f"</{name}>")
            if self._depth == self._record_depth:
                self._close()
        self._depth -= 1

    def _text(self, text: str) -> None:
        if self._record_depth:
            self._keep(escape(text))

    def _keep(self, piece: str) -> None:
        self._size += len(piece)
        if self._size <= LONGEST_RECORD:
            self._pieces.append(piece)

    def _close(self) -> None:
        is_long = self._size > LONGEST_RECORD
        # Half an element would break the file that it is written back into.
        text = f"<{self.wanted}></{self.wanted}>" if is_long else "".join(self._pieces)
        self.found.append(Line(self._line, text, is_long))
        self._pieces, self._size, self._record_depth = [], 0, 0


def _refuse(*_arguments: Any) -> None:
    raise SourceError("xml-doctype", _DTD)


class Markup:
    """The records of an XML document, and the name of its root once the first of them was read."""

    def __init__(self, blocks: Iterable[bytes], element: str, encoding: str | None) -> None:
        self._blocks = blocks
        self._elements = _Elements(element, encoding)

    @property
    def root(self) -> str:
        return self._elements.root

    def __iter__(self) -> Iterator[Line]:
        """Give the records in their order.

        :raises SourceError: it is no XML, has a DOCTYPE, or is cut off
        """
        elements, given = self._elements, 0
        for block in self._blocks:
            given += len(block)
            self._parse(block)
            if given - max(elements.parser.CurrentByteIndex, 0) > _MOST_HELD:
                raise SourceError("xml-wrong", _HELD)
            yield from elements.found
            elements.found.clear()
        self._parse(b"", is_final=True)
        yield from elements.found

    def _parse(self, block: bytes, *, is_final: bool = False) -> None:
        try:
            self._elements.parser.Parse(block, is_final)
        except expat.ExpatError as error:
            words = Phrase(
                "Line {line} of the file is no XML, or the file was cut off there.", line=error.lineno
            )
            raise SourceError("xml-wrong", words) from None


def element_of(text: str) -> dict[str, Any]:
    """Read one element: children by name, several of a name as a list, attributes as "@name", text alone as text.

    :raises MarkupError: it is no XML
    """
    stack: list[dict[str, Any]] = [{}]
    texts: list[list[str]] = [[]]
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def start(_name: str, attributes: dict[str, str]) -> None:
        stack.append({f"@{key}": value for key, value in attributes.items()})
        texts.append([])

    def end(name: str) -> None:
        made, words = stack.pop(), "".join(texts.pop()).strip()
        if made and words:
            made["#text"] = words
        value: Any = made or words
        above = stack[-1]
        if name not in above:
            above[name] = value
        elif isinstance(above[name], list):
            above[name].append(value)
        else:
            above[name] = [above[name], value]

    def keep(piece: str) -> None:
        texts[-1].append(piece)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = keep
    parser.EntityDeclHandler = parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(text, True)  # noqa: FBT003 - the last piece; it takes no names
    except (expat.ExpatError, SourceError, ValueError):
        raise MarkupError from None
    (value,) = stack[0].values()
    return value if isinstance(value, dict) else {"#text": value}
