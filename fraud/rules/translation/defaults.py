"""The mapping that every institution has without asking: JSON of our own canonical schema."""

from functools import cache

from fraud.rules.translation.compiling import CompiledMapping, compile_mapping
from fraud.rules.translation.document import FieldMapping, Kind, Layout, MappingDocument
from fraud.rules.translation.targets import TARGETS

# The name of the layout that needs no row.
CANONICAL = "canonical"


@cache
def canonical_document() -> MappingDocument:
    """Give the document that takes canonical JSON, one application at a time or as JSON Lines."""
    paths = [path.replace("[]", "[*]") for path in TARGETS]
    fields = tuple(FieldMapping(target=path, source=path) for path in paths)
    return MappingDocument(layout=Layout(kind=Kind.JSONL), is_strict=True, fields=fields)


@cache
def canonical_mapping() -> CompiledMapping:
    """Give the canonical document compiled."""
    return compile_mapping(canonical_document())
