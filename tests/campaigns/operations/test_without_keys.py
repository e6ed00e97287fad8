"""When the key service is silent: refusals in words, and nothing half written."""

import pytest

from campaigns.models import Campaign, Member, Redemption
from campaigns.operations.campaigns import create_campaign
from campaigns.operations.redemption import redeem_code
from campaigns.queries import codebooks
from portal.accounts.actors import SYSTEM
from portal.audit.models import Entry
from portal.core.errors import UnavailableError
from portal.core.keys import keyring
from portal.core.kms import kms_keys
from portal.keys.models import ScopeKey, SubjectKey
from portal.keys.scopes import forget_scopes
from tests import makers
from tests.makers import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def silent_kms(settings, monkeypatch):
    """Go over to a key service at an address where nobody answers."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")

    def go() -> None:
        settings.KEY_PROVIDER, settings.KMS_ENDPOINT_URL = "kms", "http://127.0.0.1:9"
        keyring.cache_clear()
        kms_keys.cache_clear()
        forget_scopes()

    yield go
    keyring.cache_clear()
    kms_keys.cache_clear()


def test_a_campaign_without_a_key_is_not_made(silent_kms):
    market, brand = makers.make_market(), makers.make_brand()
    before = Entry.objects.count()
    silent_kms()

    with pytest.raises(UnavailableError, match="Nothing was changed"):
        create_campaign(makers.campaign_facts(), market=market, brand=brand, by=SYSTEM, now=NOW)

    assert not Campaign.objects.exists()
    assert Entry.objects.count() == before


def test_a_redemption_whose_member_cannot_be_sealed_does_not_happen(silent_kms):
    batch = makers.active_batch()
    code = makers.a_code(batch)
    codebooks.codebook(batch.campaign)
    silent_kms()

    with pytest.raises(UnavailableError):
        redeem_code(code, member="ext:1", by=SYSTEM, now=NOW)

    assert not Redemption.objects.exists()
    assert not Member.objects.exists()
    assert not SubjectKey.objects.exists()
    assert not ScopeKey.objects.exists()
