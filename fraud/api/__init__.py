"""The fraud domain's doors for programs."""
