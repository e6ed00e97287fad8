"""The same world as for the campaigns' endpoints: a kit is tested through what is built with it."""

from tests.campaigns.api.conftest import _key_file, website, world

__all__ = ["_key_file", "website", "world"]
