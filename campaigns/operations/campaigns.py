"""Setting up campaigns: their span, their points, and a code space with a key of its own."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Brand, Campaign, Market
from campaigns.rules.calendar import NoSuchTimeError, instant
from campaigns.rules.formats import CodeFormat, FormatError
from campaigns.rules.odds import guess_odds, nearest_format
from portal.accounts.actors import Actor, permit
from portal.accounts.operations.people import AlreadyThereError
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked, refusing
from portal.core.errors import InvalidError, WrongStateError
from portal.core.ids import new_id
from portal.core.keys import keyring
from portal.core.language import grouped
from portal.core.phrases import words_of
from portal.crypto.keyring import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFacts:
    """What a campaign is set up with; `opens` and `closes` are wall-clock times in the market's zone."""

    name: str
    slug: str
    opens: datetime
    closes: datetime
    points_per_code: int
    expected_codes: int
    alphabet: str
    length: int
    grouping: tuple[int, ...] = ()
    prefix: str = ""
    has_check: bool = True
    screens_words: bool = True


@transaction.atomic(durable=True)
def create_campaign(
    facts: CampaignFacts, *, market: Market, brand: Brand, by: Actor, now: datetime
) -> Campaign:
    """Set up a campaign and make its key.

    :raises InvalidError: a span that ends before it begins or touches a skipped hour, a format that makes no
        sense or whose codes would be easier to guess than the market allows
    :raises AlreadyThereError: the short name is taken
    """
    campaign = Campaign(public_id=new_id("cmp"), market=market, brand=brand, created_at=now)
    permit(by, Act.CAMPAIGN_EDIT, campaign.place)
    _set_facts(campaign, facts)
    _set_format(campaign, facts)
    campaign.wrapped_key = keyring().new_data_key(Purpose.CAMPAIGN_CODES, campaign.key_context)
    _save(campaign)
    record(by, "campaign.created", campaign, now=now, market=market.public_id, brand=brand.public_id)
    return campaign


@transaction.atomic(durable=True)
def change_campaign(campaign: Campaign, facts: CampaignFacts, *, by: Actor, now: datetime) -> Campaign:
    """Change a campaign; the code format only as long as no batch was planned.

    :raises WrongStateError: the format would change although a batch exists
    :raises InvalidError: as for a new campaign
    """
    permit(by, Act.CAMPAIGN_EDIT, campaign.place)
    campaign = locked(Campaign, campaign, "market", "brand")
    before = _format_facts(campaign)
    _set_facts(campaign, facts)
    _set_format(campaign, facts)
    if _format_facts(campaign) != before and campaign.batches.exists():
        raise WrongStateError(_("The code format is fixed since the first batch was planned."))
    _save(campaign)
    record(by, "campaign.changed", campaign, now=now)
    return campaign


@transaction.atomic(durable=True)
def pause_campaign(campaign: Campaign, *, by: Actor, now: datetime) -> Campaign:
    """Stop redemption at once, until it is resumed.

    :raises WrongStateError: it is paused already
    """
    permit(by, Act.CAMPAIGN_EDIT, campaign.place)
    campaign = locked(Campaign, campaign)
    if campaign.paused_at is not None:
        raise WrongStateError(_("The campaign is paused already."))
    campaign.paused_at = now
    campaign.save(update_fields=["paused_at"])
    record(by, "campaign.paused", campaign, now=now)
    return campaign


@transaction.atomic(durable=True)
def resume_campaign(campaign: Campaign, *, by: Actor, now: datetime) -> Campaign:
    """Let codes be redeemed again.

    :raises WrongStateError: it is not paused
    """
    permit(by, Act.CAMPAIGN_EDIT, campaign.place)
    campaign = locked(Campaign, campaign)
    if campaign.paused_at is None:
        raise WrongStateError(_("The campaign is not paused."))
    campaign.paused_at = None
    campaign.save(update_fields=["paused_at"])
    record(by, "campaign.resumed", campaign, now=now)
    return campaign


def _set_facts(campaign: Campaign, facts: CampaignFacts) -> None:
    if not facts.name.strip():
        raise InvalidError.of("name", _("Enter a name."))
    try:
        validate_slug(facts.slug)
    except ValidationError as error:
        says = _("Use letters, digits and dashes only, such as summer-caps.")
        raise InvalidError.of("slug", says) from error
    if not 0 <= facts.points_per_code <= 1_000_000:
        raise InvalidError.of("points_per_code", _("Enter a number from 0 to 1,000,000."))
    campaign.name, campaign.slug = facts.name.strip(), facts.slug.lower()
    campaign.points_per_code = facts.points_per_code
    campaign.opens_at = _instant("opens", facts.opens, campaign.market)
    campaign.closes_at = _instant("closes", facts.closes, campaign.market)
    if campaign.closes_at <= campaign.opens_at:
        raise InvalidError.of("closes", _("The campaign would close before it opens."))


def _instant(field: str, wall: datetime, market: Market) -> datetime:
    if not 2000 <= wall.year < 2200:
        raise InvalidError.of(field, _("Enter a year from 2000 to 2199."))
    try:
        return instant(wall, market.time_zone)
    except NoSuchTimeError as error:
        raise InvalidError.of(field, words_of(error)) from error


def _set_format(campaign: Campaign, facts: CampaignFacts) -> None:
    try:
        code_format = CodeFormat(
            facts.alphabet, facts.length, facts.grouping, facts.prefix.upper(), facts.has_check
        )
    except FormatError as error:
        raise InvalidError.of(error.field, words_of(error)) from error
    _check_odds(code_format, facts.expected_codes, campaign.market)
    campaign.alphabet, campaign.length = code_format.alphabet, code_format.length
    campaign.grouping, campaign.prefix = list(code_format.grouping), code_format.prefix
    campaign.has_check, campaign.screens_words = code_format.has_check, facts.screens_words
    campaign.expected_codes = facts.expected_codes


def _check_odds(code_format: CodeFormat, codes: int, market: Market) -> None:
    if codes < 1:
        raise InvalidError.of("expected_codes", _("Enter how many codes the campaign will need in all."))
    odds = guess_odds(codes, code_format.space)
    if odds is None or odds < market.guess_odds_floor:
        raise InvalidError.of("length", odds_in_words(code_format, codes, market))


def odds_in_words(code_format: CodeFormat, codes: int, market: Market) -> str:
    """Explain why codes would be too easy to guess, and name the nearest format that passes."""
    says = _(
        "One random guess would hit a live code with a chance of 1 in %(odds)s; %(market)s asks for 1 in "
        "%(floor)s or better."
    ) % {
        "odds": grouped(guess_odds(codes, code_format.space) or 0),
        "market": market.name,
        "floor": grouped(market.guess_odds_floor),
    }
    wider = nearest_format(code_format, codes, market.guess_odds_floor)
    if wider is None:
        return says + " " + _("No format is large enough: order fewer codes.")
    nearest = _("%(length)s characters out of %(radix)s would pass.")
    return says + " " + nearest % {"length": wider.length, "radix": wider.radix}


def _format_facts(campaign: Campaign) -> tuple[object, ...]:
    c = campaign
    return (c.alphabet, c.length, tuple(c.grouping), c.prefix, c.has_check, c.screens_words)


def _save(campaign: Campaign) -> None:
    says = _("This short name is taken; it is part of every redemption, so it has to be unique.")
    with refusing("campaigns_campaign_slug_key", AlreadyThereError(says, fields={"slug": says})):
        campaign.save()
