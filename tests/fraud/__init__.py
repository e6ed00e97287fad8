"""Tests of the fraud domain, mirroring its rooms."""
