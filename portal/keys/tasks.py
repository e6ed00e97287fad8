"""The doors of background work on keys."""

import structlog
from celery import shared_task

from portal.core import clock
from portal.core.keys import keyring
from portal.crypto.keyring import Purpose
from portal.keys.jobs import Job
from portal.keys.operations.rotation import carry_out_rotation
from portal.keys.queries import rotations_under_way
from portal.keys.scopes import PROCESS

log = structlog.get_logger(__name__)


@shared_task(name=Job.RESEAL)
def reseal() -> None:
    """Carry out the changes of keys that are under way, as far as this process holds the keys."""
    for rotation in rotations_under_way():
        if not keyring().holds(Purpose(rotation.purpose)):
            log.info("rotation.left_to_a_holder", rotation=rotation.public_id, purpose=rotation.purpose)
            continue
        carry_out_rotation(rotation, by=PROCESS, clock=clock.now)
        log.info("rotation.carried_out", rotation=rotation.public_id, purpose=rotation.purpose)
