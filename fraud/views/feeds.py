"""Pages of a feed: asked for, looked at, paused, resumed and ended."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fraud.forms.feeds import FeedForm
from fraud.models import CaseFeed
from fraud.operations.feeds import FEED, ask_for_feed, end_feed, feed_folder, pause_feed, resume_feed
from fraud.queries.feeds import case_mappings, feeds
from fraud.queries.institutions import institutions
from fraud.rules.feeds import IN_USE, FeedState
from fraud.views.deliveries import to_institution
from fraud.views.publishing import publication_asked
from portal.accounts.roles import Act
from portal.core import clock
from portal.web.finding import found
from portal.web.forms import form_page
from portal.web.guards import View, require
from portal.web.navigation import Words
from portal.web.pieces import Choice, Question, ask
from portal.web.requests import PageRequest
from portal.web.trails import timeline


@require(Act.INSTITUTION_EDIT)
def new_feed(request: PageRequest, public_id: str) -> HttpResponse:
    """Ask a second person to let records leave for an institution's case system."""
    institution = found(institutions(request.actor, Act.INSTITUTION_EDIT), public_id)
    form = FeedForm(
        request.POST or None,
        mappings=case_mappings(institution),
        initial={"outcomes": ["refer"], "channel": "webhook"},
    )

    def act() -> HttpResponse:
        feed = ask_for_feed(institution, form.facts(), by=request.actor, now=clock.now())
        messages.success(request, _("A second person has been asked to allow it."))
        return redirect("case-feed", feed.public_id)

    back, crumbs = reverse("institution", args=[public_id]), to_institution(institution)
    return form_page(request, form, act, title=_("Feed a case system"), crumbs=crumbs, back_url=back)


@require(Act.INSTITUTION_READ)
def feed_detail(request: PageRequest, public_id: str) -> HttpResponse:
    """Show a feed: what leaves, where it goes, and who allowed it."""
    feed = found(feeds(request.actor), public_id)
    may_edit = request.actor.may(Act.INSTITUTION_EDIT, feed.place)
    waiting = feed.deliveries.filter(due_at__isnull=False).count()
    context = {
        "title": _("Feed of the case system"),
        "crumbs": to_institution(feed.institution),
        "feed": feed,
        "folder": feed_folder(feed.institution),
        "zone": feed.institution.time_zone,
        "waiting": waiting,
        "choices": _choices(feed) if may_edit else [],
        "events": timeline(feed),
        **publication_asked(request, FEED, feed),
    }
    return render(request, "fraud/feed.html", context)


def _choices(feed: CaseFeed) -> list[Choice]:
    def choice(title: Words, name: str, icon: str, *, is_grave: bool = False) -> Choice:
        return Choice(title, reverse(name, args=[feed.public_id]), icon, is_question=True, is_grave=is_grave)

    if feed.state not in {*IN_USE, FeedState.WAITING}:
        return []
    choices = [choice(_("End the feed"), "case-feed-end", "ban", is_grave=True)]
    if feed.state == FeedState.ACTIVE:
        return [choice(_("Pause"), "case-feed-pause", "player-pause"), *choices]
    if feed.state == FeedState.PAUSED:
        return [choice(_("Resume"), "case-feed-resume", "player-play"), *choices]
    return choices


def _asking(
    question_of: Callable[[CaseFeed], Question], operation: Callable[..., object], done: Words
) -> View:
    """Make the page of an act on a feed: find it, ask, carry out, say that it is done."""

    @require(Act.INSTITUTION_EDIT)
    def view(request: PageRequest, public_id: str) -> HttpResponse:
        feed = found(feeds(request.actor, Act.INSTITUTION_EDIT), public_id)

        def act(_reason: str) -> HttpResponse:
            operation(feed, by=request.actor, now=clock.now())
            messages.success(request, str(done))
            return redirect("case-feed", feed.public_id)

        return ask(request, question_of(feed), act)

    return view


def _here(feed: CaseFeed) -> str:
    return reverse("case-feed", args=[feed.public_id])


def _pausing(feed: CaseFeed) -> Question:
    return Question(
        title=_("Pause the feed?"),
        sentences=[_("Nothing leaves until you resume it; what is screened meanwhile waits.")],
        button=_("Pause"),
        back_url=_here(feed),
    )


def _resuming(feed: CaseFeed) -> Question:
    return Question(
        title=_("Resume the feed?"),
        sentences=[_("What waited leaves at once, and is tried for three days from now.")],
        button=_("Resume"),
        back_url=_here(feed),
    )


def _ending(feed: CaseFeed) -> Question:
    return Question(
        title=_("End the feed?"),
        sentences=[_("What waits is given up. To feed it again, two people have to set it up again.")],
        button=_("End the feed"),
        back_url=_here(feed),
        is_grave=True,
    )


pause = _asking(_pausing, pause_feed, gettext_lazy("The feed is paused."))
resume = _asking(_resuming, resume_feed, gettext_lazy("The feed is in use again."))
end = _asking(_ending, end_feed, gettext_lazy("The case system is fed no more."))
