"""Role × act as a table, for a page and for docs/roles.md."""

from portal.accounts.operations.people import ROLE_PLACES
from portal.accounts.roles import ACTS, FRESH, Act, Role


def role_table() -> list[tuple[Act, list[bool]]]:
    """Give each act with whether each role holds it, in the order of `Role`."""
    return [(act, [act in ACTS[role] for role in Role]) for act in Act]


def roles_in_markdown() -> str:
    """Write the page that docs/roles.md holds."""
    roles = list(Role)
    head = ["act", "fresh", *(role.value for role in roles)]
    lines = [
        "# Roles",
        "",
        "Written by `bin/manage write_docs` from `portal/accounts/roles.py`; a test holds it to that page.",
        "*fresh* marks acts that ask for a second factor shown lately; whoever holds one must have a second factor.",
        "",
        _row(head),
        _row(["---", *[":-:"] * (len(roles) + 1)]),
    ]
    for act, held in role_table():
        lines.append(_row([f"`{act}`", _mark(act in FRESH), *map(_mark, held)]))
    lines += [
        "",
        "## Where a role can be held",
        "",
        _row(["role", "kinds of organization"]),
        _row(["---", "---"]),
    ]
    for role in roles:
        # In the operator's organization every role can be held, and holds everywhere.
        kinds = sorted(kind.value for kind in ROLE_PLACES[role])
        lines.append(_row([role.value, ", ".join([*kinds, "operator"])]))
    return "\n".join(lines) + "\n"


def _mark(holds: bool) -> str:  # noqa: FBT001 - it is the thing that is written
    return "✓" if holds else ""


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
