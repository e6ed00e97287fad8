"""Sending a message by Amazon SES."""

from email.message import Message
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from portal.core.mail_routes import TIMEOUT

# What no later try will change: the message or its sender is wrong, not the moment.
_FINAL = {"MessageRejected", "BadRequestException", "MailFromDomainNotVerifiedException"}


class SesError(Exception):
    """SES did not take a message; `is_final` says that it never will."""

    def __init__(self, code: str, *, is_final: bool) -> None:
        super().__init__(code)
        self.code = code
        self.is_final = is_final


@cache
def _client(region: str) -> Any:
    limits = Config(connect_timeout=TIMEOUT, read_timeout=TIMEOUT, retries={"max_attempts": 1})
    return boto3.client("sesv2", region_name=region, config=limits)


def send_by_ses(message: Message, *, sender: str, recipient: str, region: str) -> None:
    """Hand a message to SES.

    :raises SesError: SES refused it, or does not answer
    """
    try:
        _client(region).send_email(
            FromEmailAddress=sender,
            Destination={"ToAddresses": [recipient]},
            Content={"Raw": {"Data": message.as_bytes()}},
        )
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", "unknown"))
        raise SesError(code, is_final=code in _FINAL) from error
    except BotoCoreError as error:
        raise SesError(type(error).__name__, is_final=False) from error
