"""Commands of the fraud domain."""
