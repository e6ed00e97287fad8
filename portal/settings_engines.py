"""Settings of the engines that everything stands on: PostgreSQL, Redis, and stores of objects."""

from typing import Any

from environs import Env, validate

env = Env()

DATABASES: dict[str, Any] = {
    "default": env.dj_db_url("DATABASE_URL")
    | {
        "ENGINE": "portal.core.postgres",
        # The pool holds connections; Django must not hold them a second time.
        "CONN_MAX_AGE": 0,
        # A connection that died with its server is thrown away before a request gets it.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "pool": {
                "min_size": env.int("DATABASE_POOL_MIN", 0),
                "max_size": env.int("DATABASE_POOL_MAX", 8),
                "timeout": env.float("DATABASE_POOL_TIMEOUT", 3.0),
                "max_idle": 300.0,
                # Attempts at a database that is gone wait twice as long each time; give up and start afresh, so
                # that requests find it within seconds of its return.
                "reconnect_timeout": 2.0,
            },
            "connect_timeout": 3,
            # Prepared is what the code asks for; without a number, not even that. It is planned once: left to itself,
            # PostgreSQL plans a code's look-up anew each time. A forgotten lock must not hold up every redemption.
            "prepare_threshold": 1 << 31,
            "options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=60s -c timezone=UTC"
            " -c plan_cache_mode=force_generic_plan",
        },
    }
}
# JSON: role → password, for whoever makes the roles of the processes (portal/privileges.py); each process gets its own
# role in DATABASE_URL.
DATABASE_PASSWORDS: Any = env.json("DATABASE_PASSWORDS", {})
REDIS_URL = env.str("REDIS_URL")
# Seconds: Redis on the path of a request either answers quickly or is treated as gone.
REDIS_TIMEOUT = env.float("REDIS_TIMEOUT", 0.5)

# What pages remember for minutes: tries at signing in. Values are JSON, so that nobody's text is ever run.
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
        "OPTIONS": {
            "serializer": "portal.core.caching.JSONSerializer",
            "socket_timeout": REDIS_TIMEOUT,
            "socket_connect_timeout": REDIS_TIMEOUT,
        },
    }
}

S3_ENDPOINT_URL = env.str("S3_ENDPOINT_URL", "") or None
S3_REGION = env.str("S3_REGION", "us-east-1")
S3_ACCESS_KEY = env.str("S3_ACCESS_KEY", "") or None
S3_SECRET_KEY = env.str("S3_SECRET_KEY", "") or None
# "", "AES256" or "aws:kms"; sent as a header with every object.
S3_SERVER_SIDE_ENCRYPTION = env.str("S3_SERVER_SIDE_ENCRYPTION", "")
# With "aws:kms": the key to use; the bucket's own choice when empty.
S3_KMS_KEY_ID = env.str("S3_KMS_KEY_ID", "")
# Where anchors of the trail are put, best in another account; "" leaves them in the database alone. With days, each is
# locked for so long: the bucket must have Object Lock. COMPLIANCE holds against everybody, GOVERNANCE lets some off.
TRAIL_BUCKET = env.str("TRAIL_BUCKET", "")
TRAIL_LOCK_DAYS = env.int("TRAIL_LOCK_DAYS", 0)
S3_LOCK_MODE = env.str("S3_LOCK_MODE", "COMPLIANCE", validate=validate.OneOf(["COMPLIANCE", "GOVERNANCE"]))
# JSON: credentials reference → {"endpoint_url", "region", "access_key", "secret_key"}, each may be missing.
PRINTER_CREDENTIALS: Any = env.json("PRINTER_CREDENTIALS", {})
