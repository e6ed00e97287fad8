"""The fraud domain's pages."""
