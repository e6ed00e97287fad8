"""The forms of the fraud domain's pages."""
