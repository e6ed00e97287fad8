"""People who do not exist, to try screening on: applicants, households, fraud rings, and how papers get spoiled."""
