"""Where the pages of the fraud domain are, with something behind each, and who looks at them."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

import fraud.urls
from portal.accounts.actors import Actor
from portal.accounts.roles import Role
from tests import makers
from tests.browser.fraud_ground import FraudGround, make_fraud_ground
from tests.browser.world import someone_at

# What addresses hold beside the id of what they are about.
BESIDE: dict[str, Any] = {
    "place": 0,
    "party": 0,
    "kind": "result",
    "fraud_type": "synthetic-identity",
    "role": "perpetrator",
}


class FraudWorld:
    """Two banks and what they sent."""

    def __init__(self) -> None:
        self.ground: FraudGround = make_fraud_ground()

    def addresses(self, who: Actor) -> Iterator[str]:
        """Every address of the domain, and those of the frame in which it stands."""
        ids = self.ground.ids
        yield "/"
        for pattern in fraud.urls.urlpatterns:
            name = str(pattern.name)
            given = BESIDE | {"public_id": _nearest(name, ids)}
            yield reverse(
                name, kwargs={each: given.get(each, "nothing") for each in pattern.pattern.regex.groupindex}
            )
        yield from (
            "/cases/?state=decided",
            "/cases/?q=nothing",
            "/requests/",
            "/applications/?outcome=clear",
        )
        yield f"/requests/{ids['request']}/"
        yield from self.ground.more

    def people(self) -> list[Actor]:
        """Who looks: a lead of the house, who sees most, analysts of the house and of one bank, and who sees less."""
        house = makers.make_house()
        return [
            someone_at(Role.LEAD, house),
            someone_at(Role.ANALYST, house),
            makers.an_actor("Nora Bank", Role.ANALYST, self.ground.bank),
            someone_at(Role.OPERATOR, house),
            someone_at(Role.AUDITOR, house),
        ]


def _nearest(name: str, ids: dict[str, str]) -> str:
    """Give what a page is about by the longest beginning of its name that is known."""
    words = name.split("-")
    beginnings = ("-".join(words[:count]) for count in range(len(words), 0, -1))
    return next((ids[each] for each in beginnings if each in ids), "nothing")
