"""What never reaches a log: secrets and personal data, by the names of fields and by how they look.

The second net. The first is that nobody logs them: facts in events are ids, counts and names of fields.
"""

import re
from collections.abc import MutableMapping
from typing import Any

WITHHELD = "[withheld]"
# Words in the names of fields whose values are nobody's business.
_NAMES = re.compile(
    r"password|passphrase|secret|authorization|cookie|session_key|csrf|api_key|private|totp|otp|e_?mail|reference",
    re.I,
)
_LOOKS = (
    # Our clients' keys, keys of age, bearer tokens, JSON web tokens, keys in PEM.
    re.compile(r"\bcs_[A-Za-z0-9]+_[A-Za-z0-9_-]{8,}"),
    re.compile(r"AGE-SECRET-KEY-1[A-Z0-9]+"),
    re.compile(r"(?i)\bbearer\s+[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.S),
    # Passwords in URLs.
    re.compile(r"(?<=://)[^\s:/@]*:[^\s/@]+(?=@)"),
    # What PostgreSQL quotes of the row that it refuses.
    re.compile(r"(?<=Key )\(.*?\)=\(.*?\)"),
    re.compile(r"(?<=Failing row contains )\(.*?\)(?=\.)", re.S),
    # Addresses of people; a host after a user name, as of an engine, has no letters at its end.
    re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}"),
)


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Withhold secrets and personal data from one event of structlog."""
    for name, value in event.items():
        event[name] = WITHHELD if _NAMES.search(name) and value else _clean(value)
    return event


def withheld(text: str) -> str:
    """Return a text without what looks like a secret or a person's address."""
    for look in _LOOKS:
        text = look.sub(WITHHELD, text)
    return text


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return withheld(value)
    if isinstance(value, dict):
        return {name: WITHHELD if _NAMES.search(str(name)) else _clean(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(part) for part in value]
    return value
