"""What the trail keeps of signing in and out: who, from which device and address, as tokens, and how."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from portal.accounts.actors import Actor
from portal.accounts.models import User
from portal.accounts.secrets import token
from portal.audit.operations import record


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: tokens of its device and address, and a country if a trusted header names one."""

    device: str = ""
    address: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """What somebody tried to sign in with, and nobody is known by; a token that names nobody."""

    public_id: str


def account_of(email: str) -> User | Account:
    """Give the person with this address, or what stands for an address that nobody has; both cost one query."""
    address = email.strip().lower()
    known = User.objects.filter(email=address).first()
    unknown = unknown_account("email", address)
    return known or unknown


def unknown_account(kind: str, value: str = "") -> Account:
    """Give what stands for somebody of whom no more is known than this."""
    return Account(f"acc_{token(kind, value)}")


@transaction.atomic(durable=True)
def record_sign_in(user: User, *, method: str, origin: Origin, by: Actor, now: datetime) -> User:
    """Write down that a person signed in."""
    record(by, "person.signed_in", user, now=now, method=method, **asdict(origin))
    return user


@transaction.atomic(durable=True)
def record_refused_sign_in(
    account: User | Account, *, method: str, origin: Origin, by: Actor, now: datetime
) -> None:
    """Write down that a try at signing in was refused."""
    record(by, "person.sign_in_refused", account, now=now, method=method, **asdict(origin))


@transaction.atomic(durable=True)
def record_lock_out(
    account: User | Account, *, method: str, origin: Origin, by: Actor, now: datetime
) -> None:
    """Write down that an account, or an address of the network, has had its tries for now."""
    record(by, "person.locked_out", account, now=now, method=method, **asdict(origin))


@transaction.atomic(durable=True)
def record_sign_out(user: User, *, method: str, origin: Origin, by: Actor, now: datetime) -> User:
    """Write down that a session ended: by hand, or by one of its limits."""
    record(by, "person.signed_out", user, now=now, method=method, **asdict(origin))
    return user
