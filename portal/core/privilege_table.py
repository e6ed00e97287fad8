"""The page of privileges and the accesses that are refused, as Markdown for docs/privileges.md."""

from collections.abc import Iterable, Iterator, Sequence

from portal.privileges import BUCKETS, GRANTED, KEYS, QUEUES, TABLES, Access, Process, Rights
from portal.refusals import REFUSED

_HEAD = """# What each process may do

Written by `bin/manage write_docs` from `portal/privileges.py` and `portal/refusals.py`; change those, not this.

Each process connects to the database as a role of its own, which holds what stands here and nothing else:
`bin/manage apply_privileges` makes it so after each migration, and with `--check` says whether it still is. The owner
of the tables (`countersign`) migrates, and serves nobody. Which rows of a table a process reaches is decided by the
policies of the database (row-level security) and the organizations of whoever asks; see
[decision 0011](decisions/0011-roles-and-rows.md).
"""


def privileges_in_markdown() -> str:
    """Write every table of the page: roles, tables, keys, buckets and queues, and what is refused."""
    return "\n".join(
        [
            _HEAD,
            "## Roles\n",
            *_table(("process", "role of the database"), ((f"`{p}`", f"`{p.role}`") for p in Process)),
            "## Tables\n",
            *_table(("table", "who may do what"), ((f"`{name}`", _rights(name)) for name in TABLES)),
            "## Keys\n",
            *_table(("purpose", "opened by"), ((f"`{p}`", _names(KEYS[p])) for p in KEYS)),
            "## Buckets\n",
            *_table(("bucket", "who may do what"), ((name, _accesses(name)) for name in BUCKETS)),
            "## Queues\n",
            *_table(("queue", "worked on by"), ((f"`{name}`", f"`{QUEUES[name]}`") for name in QUEUES)),
            "## Refused\n",
            "A test signs in as each process and tries each of these; the database refuses them all.\n",
            *_table(("process", "may not"), _refused()),
        ]
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _rights(table: str) -> str:
    by_rights: dict[Rights, list[Process]] = {}
    for process in GRANTED:
        if rights := TABLES[table].get(process):
            by_rights.setdefault(tuple(rights), []).append(process)
    lines = [f"{_names(whose)}: {_verbs(rights)}" for rights, whose in by_rights.items()]
    return "<br>".join(lines) or "nobody"


def _verbs(rights: Rights) -> str:
    return ", ".join(
        f"{right.verb.lower()} ({', '.join(right.columns)})" if right.columns else right.verb.lower()
        for right in rights
    )


def _names(processes: Iterable[Process]) -> str:
    return ", ".join(f"`{process}`" for process in processes)


def _accesses(bucket: str) -> str:
    return "<br>".join(f"`{process}`: {_access(access)}" for process, access in BUCKETS[bucket].items())


def _access(access: Access) -> str:
    verbs = (("read", access.reads), ("write", access.writes), ("delete", access.deletes))
    return ", ".join(verb for verb, may in verbs if may)


def _refused() -> Iterator[tuple[str, str]]:
    for process, table, verb, column in REFUSED:
        of = f" ({column})" if column else ""
        yield f"`{process}`", f"{verb.lower()}{of} `{table}`"
