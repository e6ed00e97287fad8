"""What each member asked of the registry and gave to it, for whoever watches over reciprocity."""

from datetime import date, timedelta

from fraud.queries.registry_keys import open_identity
from fraud.rules.standing import SPAN_DAYS, MemberStanding
from portal.core.db import prepared

_STANDINGS = """
SELECT member.mark, member.identity, coalesce(quota, %(quota)s::bigint),
    coalesce(sum(inquiries) FILTER (WHERE day = %(day)s::date), 0)::bigint, coalesce(sum(inquiries), 0)::bigint,
    coalesce(sum(records), 0)::bigint
FROM fraud_registrymember member
LEFT JOIN fraud_registrytally tally ON tally.member_id = member.id AND day > %(since)s::date
GROUP BY member.id ORDER BY member.id
"""


def member_standings(*, quota: int, day: date) -> list[MemberStanding]:
    """List every member with its look-ups and records; *quota* is that of members without one of their own."""
    since = day - timedelta(days=SPAN_DAYS)
    return [
        MemberStanding(
            institution=open_identity(identity, mark),
            quota=own_quota,
            asked_today=asked_today,
            asked=asked,
            given=given,
        )
        for mark, identity, own_quota, asked_today, asked, given in prepared(
            _STANDINGS, {"quota": quota, "day": day, "since": since}
        )
    ]
