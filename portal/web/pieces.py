"""What the shared parts of pages are filled with: menus, questions, progress, timelines, charts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.web.forms import Form, form_page
from portal.web.navigation import Words
from portal.web.states import Family


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the way back to a list."""

    title: Words
    url: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to do, in a page's "More" menu; `is_question` opens its page as a dialog."""

    title: Words
    url: str
    icon: str = "arrow-right"
    is_question: bool = False
    is_grave: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a timeline: who did what, when, and more about it."""

    who: Words
    what: Words
    at: datetime
    more: Words = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long job is. `url` answers with this part again, until the job is finished.

    `rate` is units a second, `heard_at` when a worker last reported; both None when nothing is known.
    """

    done: int
    total: int
    unit: Words
    family: Family
    doing: Words
    url: str = ""
    is_finished: bool = False
    rate: float | None = None
    seconds_left: float | None = None
    heard_at: datetime | None = None
    trouble: Words = ""
    mend: Choice | None = None

    @property
    def percent(self) -> str:
        """Return how much is done, 0 to 100 with one decimal, as HTML wants its numbers."""
        return f"{min(100.0, 100 * self.done / self.total) if self.total else 0:.1f}"

    @property
    def whole_rate(self) -> int | None:
        return None if self.rate is None else round(self.rate)


@dataclass(frozen=True, slots=True)
class Series:
    """One line or set of bars: a value for each category, None where there is none."""

    name: Words
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart whose title is the question that it answers; a table with the same figures lies beside it.

    `kind` is "bar" or "line". The axis of amounts begins at zero.
    """

    name: str
    question: Words
    categories: Sequence[str]
    series: Sequence[Series]
    unit: Words
    kind: str = "bar"
    is_stacked: bool = False
    csv_url: str = ""

    @property
    def drawn(self) -> dict[str, Any]:
        """Return what the script draws from."""
        return {
            "categories": list(self.categories),
            "series": [{"name": str(one.name), "values": list(one.values)} for one in self.series],
            "unit": str(self.unit),
            "kind": self.kind,
            "is_stacked": self.is_stacked,
        }

    @property
    def lines(self) -> list[tuple[str, list[float | None]]]:
        """Return the lines of the table beside it."""
        return [
            (category, [one.values[place] for one in self.series])
            for place, category in enumerate(self.categories)
        ]


@dataclass(frozen=True, slots=True)
class Question:
    """An act that asks before it happens: what will happen, and how many things it touches.

    `word` must be typed, for acts that destroy; `reason` asks for one, which `act` receives.
    """

    title: Words
    sentences: Sequence[Words]
    button: Words
    back_url: str
    word: str = ""
    asks_reason: bool = False
    is_grave: bool = False
    reason_help: Words = field(default=gettext_lazy("Kept with the act in the trail."))


class QuestionForm(Form):
    """The answer to a question."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea({"rows": 2}))
    word = forms.CharField(max_length=100)

    def __init__(self, question: Question, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.question = question
        if question.asks_reason:
            self.fields["reason"].help_text = str(question.reason_help)
        else:
            del self.fields["reason"]
        if question.word:
            self.fields["word"].label = _("Type %(word)s to confirm") % {"word": question.word}
            self.fields["word"].widget.attrs["autocomplete"] = "off"
        else:
            del self.fields["word"]

    def clean_word(self) -> str:
        typed = str(self.cleaned_data["word"]).strip()
        if typed != self.question.word:
            raise forms.ValidationError(_("Type exactly: %(word)s") % {"word": self.question.word})
        return typed


def ask(request: HttpRequest, question: Question, act: Callable[[str], HttpResponse]) -> HttpResponse:
    """Ask, as a page or in a dialog over the page, and carry out `act(reason)` when the answer is yes."""
    form = QuestionForm(question, request.POST if request.method == "POST" else None)
    is_fragment = bool(getattr(request, "htmx", False)) and request.method == "GET"
    template = "parts/question.html" if is_fragment else "portal/question.html"
    return form_page(
        request,
        form,
        lambda: act(form.cleaned_data.get("reason", "")),
        template=template,
        question=question,
        title=question.title,
    )
