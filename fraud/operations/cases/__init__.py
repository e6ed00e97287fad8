"""Working on cases: opening, claiming, noting, deciding, and handing what was found to the consortium."""
