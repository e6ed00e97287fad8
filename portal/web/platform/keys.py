"""The page about keys: what each purpose has, how old, how far a change has come; never a key itself."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import Act
from portal.approvals.key_changes import ask_for_key_change, is_changed_here
from portal.core.clock import now
from portal.core.errors import NotFoundError
from portal.crypto.keyring import Purpose
from portal.keys.models import SigningKey
from portal.keys.purpose_names import PURPOSE_NAMES
from portal.keys.queries import PurposeState, purposes_in_use
from portal.keys.signing import signing_keys
from portal.web.guards import public, require
from portal.web.navigation import Words
from portal.web.pieces import Progress, Question, ask
from portal.web.requests import PageRequest
from portal.web.states import Family

PROVIDER_NAMES: dict[str, Words] = {
    "file": gettext_lazy("key file"),
    "kms": gettext_lazy("AWS KMS"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One purpose on the page."""

    state: PurposeState
    name: Words
    due_at: datetime | None
    is_overdue: bool
    progress: Progress | None
    may_change: bool

    @property
    def provider(self) -> Words:
        return PROVIDER_NAMES[self.state.provider]

    @property
    def look(self) -> str:
        """Name the state that its badge shows; "" where this process does not hold the keys."""
        if not self.state.is_reachable:
            return "failed"
        if self.progress is not None:
            return "renewing"
        return ("overdue" if self.is_overdue else "ok") if self.state.key_id else ""


@require(Act.KEY_READ)
def keyring_page(request: PageRequest) -> HttpResponse:
    """Show every purpose, and the public halves of the keys that sign."""
    moment = now()
    may_edit = request.actor.may(Act.KEY_EDIT)
    context = {
        "title": _("Keys"),
        "lines": [_line(state, moment, may_edit=may_edit) for state in purposes_in_use()],
        "signing": [(_(PURPOSE_NAMES[Purpose(row.purpose)]), row) for row in signing_keys()],
    }
    return render(request, "portal/keyring.html", context)


@require(Act.KEY_EDIT)
def change_keys(request: PageRequest, purpose: str) -> HttpResponse:
    """Ask for a change of the keys of a purpose, which a second person approves."""
    if purpose not in set(Purpose):
        raise NotFoundError
    wanted = Purpose(purpose)

    def act(_reason: str) -> HttpResponse:
        approval = ask_for_key_change(wanted, by=request.actor, now=now())
        messages.success(request, _("A second person has been asked."))
        return redirect("request", approval.public_id)

    question = Question(
        title=_("Change the keys: %(name)s?") % {"name": _(PURPOSE_NAMES[wanted])},
        sentences=[
            _("New keys take over once a second person has approved it."),
            _("What the old keys hold is renewed in the background, and stays readable all the time."),
        ],
        button=_("Ask for the change"),
        back_url=reverse("keyring"),
    )
    return ask(request, question, act)


@public
def public_keys(request: HttpRequest) -> JsonResponse:
    """Give the public halves of all keys that ever signed, for whoever verifies manifests and certificates."""
    return JsonResponse(
        {"keys": [_published(row) for row in signing_keys()]}, json_dumps_params={"indent": 2}
    )


def _published(row: SigningKey) -> dict[str, str | None]:
    return {
        "key_id": row.key_id,
        "purpose": row.purpose,
        "algorithm": "Ed25519",
        "public_key": row.public_pem,
        "valid_from": row.valid_from.isoformat(),
        "retired_at": row.retired_at.isoformat() if row.retired_at else None,
    }


def _line(state: PurposeState, moment: datetime, *, may_edit: bool) -> Line:
    is_free = state.rotation is None or state.rotation.finished_at is not None
    return Line(
        state=state,
        name=_(PURPOSE_NAMES[state.purpose]),
        due_at=state.made_at + state.period if state.made_at else None,
        is_overdue=state.is_overdue(moment),
        progress=None if is_free else _progress(state),
        may_change=may_edit and is_free and is_changed_here(state.purpose),
    )


def _progress(state: PurposeState) -> Progress | None:
    rotation = state.rotation
    if rotation is None:
        return None
    seconds = (rotation.beat_at - rotation.started_at).total_seconds() if rotation.beat_at else 0
    rate = rotation.done / seconds if seconds > 0 else None
    left = (rotation.total - rotation.done) / rate if rate else None
    return Progress(
        done=rotation.done,
        total=rotation.total,
        unit=_("keys"),
        family=Family.WORKING,
        doing=_("being renewed"),
        rate=rate,
        seconds_left=left,
        heard_at=rotation.beat_at,
    )
