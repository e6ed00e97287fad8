"""Settings of the fraud domain: where its processes and the consortium are, and how long they are waited for."""

from environs import Env, validate

env = Env()

# ── Screening ────────────────────────────────────────────────────────────────────────────────────────────
# Where web sends on what only the screen process may answer; "" where a load balancer does so before it reaches web.
SCREEN_URL = env.str("SCREEN_URL", "")
# While somebody waits for an answer online, at most so many chunks of files are worked on at once; 0 where files have
# machines of their own.
FRAUD_HANDS_BESIDE_ONLINE = env.int("FRAUD_HANDS_BESIDE_ONLINE", 0)

# ── The consortium ───────────────────────────────────────────────────────────────────────────────────────
# Private address of the registry process, such as http://127.0.0.1:8010; "" has no consortium, and screens without.
REGISTRY_URL = env.str("REGISTRY_URL", "")
# What whoever screens and the registry both know: the registry answers nobody else. At least 32 characters.
REGISTRY_SECRET = env.str("REGISTRY_SECRET", "")
# Seconds that an answer may take where nobody says less.
REGISTRY_TIMEOUT = env.float("REGISTRY_TIMEOUT", 5.0, validate=validate.Range(min=0.05, max=60))
# After so many failures in a row the consortium is left alone for so many seconds; then one question tries it.
REGISTRY_FAILURES = env.int("REGISTRY_FAILURES", 5)
REGISTRY_PAUSE = env.float("REGISTRY_PAUSE", 10.0)
# A consortium service of somebody else, in place of our registry: its address, its key, and a JSON document that maps
# our applications to its requests and its answers to ours (docs/consortium.md).
CONSORTIUM_URL = env.str("CONSORTIUM_URL", "")
CONSORTIUM_KEY = env.str("CONSORTIUM_KEY", "")
CONSORTIUM_MAPPING = env.path("CONSORTIUM_MAPPING", None)
# Applications that one member may ask about in a day (UTC), unless the registry agreed on another number with it.
REGISTRY_QUOTA = env.int("REGISTRY_QUOTA", 5_000_000)

# Where files of applications lie, sealed, and their results: one bucket of ours.
SUBMISSIONS_BUCKET = env.str("SUBMISSIONS_BUCKET", "countersign-submissions")
# A folder in it for each institution's drops, by its code; "" where nobody drops files.
SUBMISSIONS_DROP_PREFIX = env.str("SUBMISSIONS_DROP_PREFIX", "drop")
# The largest file that is taken, in bytes.
SUBMISSIONS_LARGEST = env.int("SUBMISSIONS_LARGEST", 20 << 30)
