"""One application in each layout in which files come: semicolons, positions, and elements; with their mappings."""

from typing import Any
from xml.sax.saxutils import escape

from fraud.models import Institution, Mapping, MappingVersion
from fraud.rules.mapping_states import VersionState
from fraud.rules.translation import Direction
from fraud.rules.translation import document as d
from fraud.rules.translation.document import to_builtins
from tests.fraud.rules.translation.sample import ROW, document
from tests.makers_fraud import NOW

# Each column has its place and blanks in between.
WIDTH = 24
NAMES = tuple(ROW)
FIXED = [{"name": name, "start": 1 + WIDTH * place, "width": WIDTH} for place, name in enumerate(NAMES)]


def row(number: int, **facts: str) -> dict[str, str]:
    return ROW | {"No": f"A-{number}"} | facts


def csv_of(rows: list[dict[str, str]]) -> bytes:
    lines = [";".join(NAMES), *(";".join(each.values()) for each in rows)]
    return "".join(f"{line}\r\n" for line in lines).encode()


def fixed_of(rows: list[dict[str, str]]) -> bytes:
    lines = ["".join(value.ljust(WIDTH) for value in each.values()) for each in rows]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1")


def xml_of(rows: list[dict[str, str]]) -> bytes:
    cells = [
        "".join(f"<{_name(key)}>{escape(value)}</{_name(key)}>" for key, value in each.items())
        for each in rows
    ]
    return f"<applications>{''.join(f'<application>{each}</application>' for each in cells)}</applications>".encode()


def _name(column: str) -> str:
    return column.replace("-", "_")


def published(bank: Institution, name: str, **layout: Any) -> dict[str, Any]:
    """Let a layout count for a bank, and give what a file is announced with."""
    told = document(layout=layout)
    if layout["kind"] == "xml":
        told = d.from_builtins(_renamed(to_builtins(told)))
    checksum, kept = d.checksum(told), to_builtins(told)
    mapping = Mapping.objects.create(institution=bank, name=name, direction=Direction.INBOUND, created_at=NOW)
    mapping.live = MappingVersion.objects.create(
        institution=bank,
        mapping=mapping,
        number=1,
        document=kept,
        checksum=checksum,
        state=VersionState.PUBLISHED,
        written_by="usr_1",
        written_at=NOW,
        published_by="usr_2",
        published_at=NOW,
    )
    mapping.save(update_fields=["live"])
    return {"layout": name, "mapping": kept, "mapping_checksum": checksum}


def _renamed(told: dict[str, Any]) -> dict[str, Any]:
    for field in told["fields"]:
        field["source"] = _name(field.get("source", ""))
    return told


CSV_LAYOUT = {"kind": "csv", "delimiter": ";"}
FIXED_LAYOUT = {"kind": "fixed", "fixed_columns": FIXED}
XML_LAYOUT = {"kind": "xml", "record_element": "application"}
