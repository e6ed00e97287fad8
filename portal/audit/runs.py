"""Tables whose rows are too many for an entry each: the domains name them here, and the sealer seals them in runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models


@dataclass(frozen=True, slots=True)
class RunSource:
    """A table of facts that are only ever added: `columns` are what is sealed of each row, its id among them.

    What may lawfully be taken out of a row later is left out.
    """

    name: str
    model: type[models.Model]
    columns: Sequence[str]

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def sequence(self) -> str:
        """The sequence that the ids are drawn from."""
        return f"{self.table}_id_seq"

    @property
    def selection(self) -> str:
        """What a SELECT gives as the sealed form of a row; moments in UTC, whatever the session's zone."""
        fields = {field.column: field for field in self.model._meta.concrete_fields}
        return ", ".join(
            f"{column} AT TIME ZONE 'UTC' AS {column}"
            if isinstance(fields[column], models.DateTimeField)
            else column
            for column in self.columns
        )


_sources: dict[str, RunSource] = {}


def register_run(source: RunSource) -> None:
    """Have a table sealed in runs; called in a domain's AppConfig.ready().

    :raises ValueError: a column does not exist, or the id is not among them
    """
    known = {field.column for field in source.model._meta.concrete_fields}
    if not {"id"} <= set(source.columns) <= known:
        raise ValueError(f"the run {source.name} needs an id and columns that exist")
    _sources[source.name] = source


def run_sources() -> dict[str, RunSource]:
    """Give every registered table, by its name in the chain."""
    return dict(_sources)
