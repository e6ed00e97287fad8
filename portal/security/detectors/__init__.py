"""Detectors: one file for each idea of what looks wrong, all of them on one list."""

from portal.security.detectors import (
    bypasses,
    canaries,
    exports,
    look_ups,
    places,
    reveals,
    sign_ins,
)
from portal.security.detectors.findings import Detector

DETECTORS: dict[str, Detector] = {
    detector.name: detector
    for detector in (
        reveals.DETECTOR,
        exports.DETECTOR,
        look_ups.DETECTOR,
        sign_ins.DETECTOR,
        places.DETECTOR,
        canaries.DETECTOR,
        bypasses.DETECTOR,
    )
}
