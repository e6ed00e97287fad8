"""The meter beside a campaign's form: a printed code, and how hard it is to guess one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from campaigns.forms.campaigns import GroupingField, characters
from campaigns.models import Campaign, Market
from campaigns.queries.parties import markets
from campaigns.queries.previews import sample_code
from campaigns.rules.formats import SEPARATOR, CodeFormat, FormatError
from campaigns.rules.odds import expected_guesses, guess_odds, nearest_format, passes
from portal.accounts.actors import Actor
from portal.core.language import grouped, said
from portal.web.forms import CountField, Form

# What an attacker is thought to try in a day, and for how many days.
TRIES = 10_000
DAYS = 30
LINE_HEIGHT = 28


class MeterForm(Form):
    """Whatever stands in the form at this moment, complete or not."""

    alphabet = forms.CharField(required=False)
    own_alphabet = forms.CharField(required=False, max_length=64)
    length = forms.IntegerField(required=False, min_value=1, max_value=99)
    grouping = GroupingField(required=False)
    prefix = forms.CharField(required=False, max_length=6)  # type: ignore[assignment]
    has_check = forms.BooleanField(required=False)
    expected_codes = CountField(required=False)
    market = forms.CharField(required=False, max_length=40)


@dataclass(frozen=True, slots=True)
class Meter:
    """How hard to guess the codes of a format are, when so many are live."""

    lines: tuple[str, ...] = ()
    printed: str = ""
    space: int = 0
    live: int = 0
    odds: int | None = None
    floor: int | None = None
    market: str = ""
    is_enough: bool = False
    tries: int = TRIES
    hits: float = 0.0
    problem: str = ""
    nearest: CodeFormat | None = None

    @property
    def placed(self) -> list[tuple[int, str]]:
        """Give the printed groups with the height of each on a cap of 200 by 200."""
        top = 100 - LINE_HEIGHT * (len(self.lines) - 1) // 2
        return [(top + LINE_HEIGHT * place, line) for place, line in enumerate(self.lines)]

    @property
    def hits_words(self) -> str:
        """Say how many codes an attacker finds, without pretending to precision."""
        if self.hits >= 1:
            return _("about %(count)s codes") % {"count": grouped(round(self.hits))}
        every = round(1 / self.hits) if self.hits else 0
        return _("one code in %(count)s such months") % {"count": grouped(every)} if every else _("none")


def meter_of(values: Mapping[str, Any], actor: Actor, campaign: Campaign | None = None) -> Meter:
    """Read the meter off the values of a form; what is missing or wrong yet is said in words."""
    form = MeterForm(values)
    form.is_valid()
    given = form.cleaned_data
    market = campaign.market if campaign is not None else _market(given.get("market", ""), actor)
    try:
        code_format = _format(given)
    except FormatError as error:
        return Meter(problem=said(error))
    return measured(code_format, given.get("expected_codes") or 0, market)


def measured(code_format: CodeFormat, live: int, market: Market | None) -> Meter:
    """Measure a format with so many live codes against a market's floor."""
    printed = sample_code(code_format)
    shown = Meter(
        lines=tuple(printed.split(SEPARATOR)),
        printed=printed,
        space=code_format.space,
        live=live,
    )
    if live < 1:
        return shown
    floor = market.guess_odds_floor if market else None
    is_enough = floor is not None and passes(code_format, live, floor)
    return replace(
        shown,
        odds=guess_odds(live, code_format.space),
        floor=floor,
        market=market.name if market else "",
        is_enough=is_enough,
        hits=expected_guesses(live, code_format.space, TRIES, DAYS),
        nearest=nearest_format(code_format, live, floor) if floor and not is_enough else None,
    )


def _market(public_id: str, actor: Actor) -> Market | None:
    return markets(actor).filter(public_id=public_id).first() if public_id else None


def _format(given: Mapping[str, Any]) -> CodeFormat:
    return CodeFormat(
        characters(str(given.get("alphabet", "")), str(given.get("own_alphabet", ""))),
        given.get("length") or 0,
        tuple(given.get("grouping") or ()),
        str(given.get("prefix", "")).upper(),
        bool(given.get("has_check")),
    )
