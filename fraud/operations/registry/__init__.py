"""What the registry does: it answers, takes records in, changes them, and compares them with what was asked before."""
