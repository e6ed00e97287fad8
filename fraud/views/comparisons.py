"""People of an application beside those of related ones, laid out for a table: fields down, applications across."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy, pgettext_lazy

from fraud.models import Application
from fraud.queries.links import Related, opened_beside
from fraud.rules import canonical
from fraud.rules.comparing import Compared, Mark, compared, counterpart
from fraud.views.words import FIELDS, ROLES, field_value
from portal.web.navigation import Words
from portal.web.states import Family

# In the order in which people read them.
NAMES: Mapping[str, Words] = {
    "given_name": gettext_lazy("Given name"),
    "middle_name": gettext_lazy("Middle name"),
    "family_name": gettext_lazy("Family name"),
    **{name: words for name, words in FIELDS.items() if name not in {"name", "bank_account"}},
    "income": gettext_lazy("Income"),
    "bank_account": FIELDS["bank_account"],
}
MARKS: Mapping[Mark, tuple[Family, Words]] = {
    Mark.SAME: (Family.LIVE, pgettext_lazy("two values", "Same")),
    Mark.CLOSE: (Family.WAITS, pgettext_lazy("two values", "Close")),
    Mark.DIFFERENT: (Family.DISPUTED, pgettext_lazy("two values", "Different")),
    Mark.HERE: (Family.PLANNED, pgettext_lazy("two values", "Only here")),
    Mark.THERE: (Family.PLANNED, pgettext_lazy("two values", "Only there")),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What is shown of one field of a related application: the masked value, and how it compares."""

    column: str
    value: Words
    family: str
    words: Words


@dataclass(frozen=True, slots=True)
class Row:
    """One field: its name, what is here, and a cell for each related application."""

    name: Words
    here: list[Words]
    cells: list[Cell | None]


@dataclass(frozen=True, slots=True)
class Beside:
    """One person of an application beside the person of each related one who is the most like them."""

    role: Words
    others: list[Application]
    rows: list[Row]


def beside(application: Application, found: list[Related]) -> list[Beside]:
    """Lay each person beside their likes in the closest related applications; none where nobody is alike."""
    opened = opened_beside(application, found)
    if opened is None:
        return []
    here, others = opened
    return [table for person in here.parties if (table := _table(person, others))]


def _table(person: canonical.Party, others: list[tuple[Related, canonical.Application]]) -> Beside | None:
    columns = [
        (each.application, {field.field: field for field in compared(person, counterpart(person, told))})
        for each, told in others
    ]
    columns = [(row, fields) for row, fields in columns if _is_alike(fields)]
    if not columns:
        return None
    names = [name for name in NAMES if any(name in fields for _row, fields in columns)]
    rows = [_row(name, columns) for name in names]
    return Beside(ROLES[person.role], [row for row, _fields in columns], rows)


def _is_alike(fields: dict[str, Compared]) -> bool:
    """Say whether two people share more than their employment, which is no sign of being one person."""
    return any(
        each.mark is Mark.SAME for name, each in fields.items() if name not in {"employment", "income"}
    )


def _row(name: str, columns: list[tuple[Application, dict[str, Compared]]]) -> Row:
    here = next(fields[name].here for _row, fields in columns if name in fields)
    cells = [_cell(row, fields.get(name)) for row, fields in columns]
    return Row(NAMES[name], [field_value(name, value) for value in here], cells)


def _cell(row: Application, found: Compared | None) -> Cell | None:
    if found is None:
        return None
    family, words = MARKS[found.mark]
    return Cell(row.reference, field_value(found.field, found.there), family, words)
