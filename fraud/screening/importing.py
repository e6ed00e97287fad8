"""An existing file of known frauds, read through a mapping and told to the registry a thousand at a time."""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from fraud.rules.consortium import MOST_QUESTIONS, Facts, Report
from fraud.rules.sources import Head, Raw, RowFault, Source, values_of
from fraud.rules.sources.layouts import described
from fraud.rules.translation.compiling import CompiledMapping, compile_mapping
from fraud.rules.translation.document import MappingDocument
from fraud.screening.consortium import Registry
from fraud.screening.tokens import consortium_tokens
from portal.crypto.keyring import Purpose
from portal.crypto.tokens import token
from portal.keys.scopes import PLATFORM, scope_keys


class Word(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A word of a record: from a column, by a list of codes, or always the same."""

    source: str = ""
    codes: dict[str, str] = {}
    default: str = ""

    def read(self, record: Mapping[str, Any]) -> str:
        """Give our word for what a record says; what the list lacks is left as it is."""
        said = str(record.get(self.source) or "").strip() if self.source else ""
        return self.codes.get(said, said) or self.default


class FactWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the facts of a record come from; a month may be written as a whole date, 2026-03-14."""

    fraud_type: Word
    month: Word
    role: Word = Word(default="perpetrator")
    proof: Word = Word(default="evidenced")


class ImportDocument(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to read a file of known frauds: the person as the main party of an application, and the facts.

    The application's reference is what the file calls the record: the same one is taken in once.
    """

    mapping: MappingDocument
    facts: FactWords


class Reject(NamedTuple):
    """A row that no record can be made of: the row, the field and a stable code."""

    raw: Raw
    field: str
    code: str


class Progress(NamedTuple):
    """How far an import has come, in rows of the file."""

    rows: int
    new: int
    rejected: int


class RecordFile:
    """One file on its way into the registry."""

    def __init__(self, blocks: Iterable[bytes], document: ImportDocument, *, institution: str) -> None:
        """*institution*: the public id of the member whose records they are."""
        self.layout = described(document.mapping.layout)
        self._source = Source(blocks, self.layout)
        self._mapping: CompiledMapping = compile_mapping(document.mapping)
        self._facts = document.facts
        self._institution = institution

    @property
    def head(self) -> Head:
        return self._source.head

    def told_to(
        self, registry: Registry, *, after: int = 0, reject: Callable[[Reject], None]
    ) -> Iterator[Progress]:
        """Tell the registry of all rows but the first *after* of them; give how far it has come, again and again.

        :raises fraud.screening.consortium.NoAnswerError: the registry is away: go on behind what was given last
        :raises fraud.rules.sources.SourceError: the file cannot be read as a whole
        """
        rows, new, rejected = after, 0, 0
        records = islice(iter(self._source), after, None)
        while chunk := list(islice(records, MOST_QUESTIONS)):
            read = self._reader()
            made = [(raw, self._report(raw, read)) for raw in chunk]
            reports = {each.contribution: (raw, each) for raw, each in made if isinstance(each, Report)}
            wrong = [each for _raw, each in made if isinstance(each, Reject)]
            if reports:
                answer = registry.report_many([report for _raw, report in reports.values()])
                new += answer.new
                wrong += [Reject(reports[name][0], "facts", "not-a-record") for name in answer.refused]
            for each in wrong:
                reject(each)
            rows, rejected = rows + len(chunk), rejected + len(wrong)
            yield Progress(rows, new, rejected)

    def _reader(self) -> Callable[[str], Any]:
        return values_of(self.layout, self._source.head.columns)

    def _report(self, raw: Raw, read: Callable[[str], Any]) -> Report | Reject:
        values = RowFault("", raw.fault, "") if raw.fault else read(raw.words)
        if isinstance(values, RowFault):
            return Reject(raw, "", values.code)
        translated = self._mapping.translate(values)
        if translated.application is None:
            return Reject(raw, translated.faults[0].field, str(translated.faults[0].code))
        tokens = consortium_tokens(translated.application)
        if not tokens:
            return Reject(raw, "", "no-elements")
        words = {name: getattr(self._facts, name).read(values) for name in FactWords.__struct_fields__}
        try:
            facts = msgspec.convert(words | {"month": words["month"][:7]}, Facts)
        except msgspec.ValidationError as error:
            return Reject(raw, str(error).rpartition("$.")[2].rstrip("`"), "invalid")
        return Report(
            contribution=self._contribution(translated.application.reference),
            institution=self._institution,
            facts=facts,
            tokens=tokens,
        )

    def _contribution(self, reference: str) -> str:
        key = scope_keys(Purpose.TOKENS_SCREENING, PLATFORM).newest.key.secret
        digest = token(key, "import", f"{self._institution}\0{reference}")
        return f"ctb_{base64.b32encode(digest).decode().rstrip('=').lower()}"
