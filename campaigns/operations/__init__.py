"""What the campaigns domain does: one verb, one transaction, from whichever door."""
