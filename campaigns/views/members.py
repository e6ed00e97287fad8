"""Pages of members: find one, see what was redeemed, and, on the record, who it is."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from campaigns.forms.members import MemberForm, RevealForm
from campaigns.models import Member
from campaigns.operations.members import RevealReason, look_up_member, reveal_member
from campaigns.queries.members import masked_reference, points_of, visible_member
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.audit.operations import record_reading
from portal.core import clock
from portal.core.errors import NotFoundError
from portal.keys.sealed import ErasedError
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.pieces import Choice, Crumb
from portal.web.requests import PageRequest
from portal.web.trails import timeline

POINTS = ListPage(
    name="points",
    columns=(
        Column("redemption", gettext_lazy("For"), "campaigns/cells/redemption.html", is_main=True),
        Column(
            "redemption.batch", gettext_lazy("Batch"), "campaigns/cells/redeemed_batch.html", is_spare=True
        ),
        Column("at", gettext_lazy("When"), "campaigns/cells/in_members_market.html"),
        Column("points", gettext_lazy("Points"), is_number=True),
        Column("balance_after", gettext_lazy("Balance after"), is_number=True),
    ),
    empty=Empty(
        gettext_lazy("Nothing redeemed yet"),
        gettext_lazy("Each code that this member redeems appears here with its points."),
        icon="ticket",
    ),
    is_exported=False,
)


def _to_members(member: Member | None = None) -> list[Crumb]:
    crumbs = [Crumb(_("Members"), reverse("members"))]
    if member is not None:
        crumbs.append(Crumb(_("Member"), reverse("member", args=[member.public_id])))
    return crumbs


@never_cache
@require(Act.MEMBER_READ)
def look_up(request: PageRequest) -> HttpResponse:
    """Find a member; what is typed travels in the body of a POST, so that no log and no history keeps it."""
    form = MemberForm(request.POST or None, actor=request.actor)

    def act() -> HttpResponse:
        given = form.cleaned_data
        try:
            member = look_up_member(
                given["member"], market=given["market"], by=request.actor, now=clock.now()
            )
        except NotFoundError as error:
            says = _("No member is known by this. A reference counts in its own market only.")
            raise NotFoundError(says, fields={"member": says}) from error
        return redirect("member", member.public_id)

    return form_page(request, form, act, template="campaigns/members.html", title=_("Members"))


@never_cache
@require(Act.MEMBER_READ)
def member_detail(request: PageRequest, public_id: str) -> HttpResponseBase:
    """Show a member, masked; who opened the page is written down."""
    actor = request.actor
    member = visible_member(actor, Act.MEMBER_READ, public_id)
    if not request.htmx:
        record_reading(actor, "member.read", member, now=clock.now())
    return POINTS.answer(
        request,
        points_of(actor, member),
        template="campaigns/member.html",
        title=_("Member"),
        crumbs=_to_members(),
        member=member,
        zone=member.market.time_zone,
        reference=masked_reference(member),
        events=timeline(member),
        may_see_campaigns=actor.may(Act.CAMPAIGN_READ, member.place),
        may_see_batches=actor.may(Act.BATCH_READ, member.place),
        primary=_reveal_of(member, actor),
        choices=_choices(member, actor),
    )


def _reveal_of(member: Member, actor: Actor) -> Choice | None:
    if member.erased_at is not None or not actor.may(Act.MEMBER_REVEAL, member.place):
        return None
    return Choice(_("Reveal reference"), reverse("member-reveal", args=[member.public_id]), "eye")


def _choices(member: Member, actor: Actor) -> list[Choice]:
    found = []
    if actor.may(Act.TRAIL_READ, member.place):
        url = f"{reverse('trail')}?subject={member.public_id}"
        found.append(Choice(_("History in the trail"), url, "history"))
    if actor.may(Act.SUBJECT_ACCESS, member.place):
        url = reverse("subject", args=[member.public_id])
        found.append(Choice(_("Hand out or erase what is held"), url, "file-text"))
    return found


@never_cache
@require(Act.MEMBER_REVEAL)
def reveal(request: PageRequest, public_id: str) -> HttpResponse:
    """Show who a member is, this once, after asking why; no redirect could carry it."""
    member = visible_member(request.actor, Act.MEMBER_REVEAL, public_id)
    if member.erased_at is not None:
        raise ErasedError
    form = RevealForm(request.POST or None)

    def act() -> HttpResponse:
        given = form.cleaned_data
        reference = reveal_member(
            member,
            reason=RevealReason(given["reason"]),
            case=given["case"],
            by=request.actor,
            now=clock.now(),
        )
        shown = {"member": member, "reference": reference, "crumbs": _to_members(member)}
        return render(request, "campaigns/member_revealed.html", {"title": _("Member’s reference"), **shown})

    title = _("Reveal the member’s reference")
    here = reverse("member", args=[public_id])
    return form_page(request, form, act, title=title, crumbs=_to_members(member), back_url=here)
