"""The kinds of acts that need a second signature; each owner registers its own in its AppConfig.ready()."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.approvals.models import Approval
from portal.core.phrases import Phrase, marked


class CarryOut(Protocol):
    """What happens once it is decided: rows and nudges within the same transaction, no network."""

    def __call__(self, approval: Approval, *, by: Actor, now: datetime) -> object: ...


@dataclass(frozen=True, slots=True)
class ApprovalKind:
    """One kind of act: who may ask, who may decide, for how long, and what is then done.

    `title` and `sentences` are templates, wrapped in `marked`, that the facts of a request fill. `page` names the
    address of the thing itself, which takes the id of the subject. `refused` is called within the transaction in
    which a request is refused or taken back by itself. `yours` is said to whoever asked and would decide.
    """

    name: str
    ask_act: Act
    decide_act: Act
    lasts: timedelta
    title: str
    carry_out: CarryOut
    refused: CarryOut | None = None
    sentences: Sequence[str] = field(default=())
    page: str = ""
    yours: str = marked("You asked for this. Another person has to decide.")
    expired: str = marked("The request has expired. Whoever asked can ask again.")

    def told(self, approval: Approval) -> list[Phrase]:
        """Tell the facts of a request in sentences."""
        return [Phrase(sentence, **approval.words) for sentence in self.sentences]


_kinds: dict[str, ApprovalKind] = {}


def register(kind: ApprovalKind) -> None:
    """Make a kind known.

    :raises ValueError: another kind has this name
    """
    if _kinds.setdefault(kind.name, kind) != kind:
        raise ValueError(f"there is another kind of request named {kind.name}")


def kinds() -> list[ApprovalKind]:
    """List every kind, in the order of names."""
    return [_kinds[name] for name in sorted(_kinds)]


def kind_named(name: str) -> ApprovalKind:
    """Give the kind of this name.

    :raises KeyError: nobody registered it
    """
    return _kinds[name]
