"""Writing applications, screenings, cases and what belongs to them."""
