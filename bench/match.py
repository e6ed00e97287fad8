"""Who is found again: precision, recall and false hits of ours, beside recordlinkage and Splink on the same data."""

import argparse
import time
from array import array
from collections.abc import Iterable
from typing import Any

import numpy as np

from bench import match_baselines
from bench.match_corpus import HELD_OUT, Corpus, Found, corpus, scores, without_id
from fraud.rules.canonical import Application
from fraud.rules.elements import Element, own_elements, registry_elements
from fraud.rules.matching import Found as Shared
from fraud.rules.matching import agreeing
from fraud.rules.people.applications import application_of, applications
from fraud.rules.people.people import people

RECORDS, QUICK_RECORDS = 1_000_000, 100_000
PROBES, QUICK_PROBES = 20_000, 6_000
# Applications before the clock runs, and while it does.
WARMED, TIMED = 5_000, 20_000
# What the baselines can do in minutes, as they compare pairs.
SMALL, QUICK_SMALL = (20_000, 4_000), (4_000, 1_000)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the size of the registry, and the option to measure ours alone."""
    parser.add_argument("--records", type=int, help=f"people on record ({RECORDS:,})")
    parser.add_argument("--alone", action="store_true", help="leave the baselines out")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measure ours at full size, then ours and the baselines on what these can do, with and without national ids."""
    records = options.records or (QUICK_RECORDS if options.quick else RECORDS)
    figures: dict[str, Any] = {"records": records}
    for name, found in ours(corpus(records, QUICK_PROBES if options.quick else PROBES)).items():
        figures |= {f"{figure}_{name}": value for figure, value in found.items()}
    # The figure that outsiders rely on is that of applications as they come, with ids.
    figures["false_hits_per_1000"] = figures["false_hits_per_1000_with_id"]
    figures |= speeds()
    if options.alone:
        return {"figures": figures}
    return _beside(figures, corpus(*(QUICK_SMALL if options.quick else SMALL)))


def _beside(figures: dict[str, Any], small: Corpus) -> dict[str, Any]:
    ratios = {}
    figures["small_records"], figures["small_applications"] = small.records, len(small.probes)
    same = {"ours": ours(small), "recordlinkage": match_baselines.by_recordlinkage(small)}
    same["splink"] = match_baselines.by_splink(small)
    for matcher, found in same.items():
        for name, each in found.items():
            figures |= {f"small_{matcher}_{figure}_{name}": value for figure, value in each.items()}
            if matcher != "ours":
                ratios[f"f1_of_{matcher}_{name}"] = round(same["ours"][name]["f1"] / max(each["f1"], 1e-9), 3)
    return {"figures": figures, "ratios": ratios}


def speeds() -> dict[str, float]:
    """Give how many applicants and applications a core makes up in a second, and what their elements cost it."""
    for _ in applications(1, WARMED):
        pass
    begun = time.process_time()
    made_people = sum(1 for _ in people(HELD_OUT, TIMED))
    after_people = time.process_time()
    made = list(applications(HELD_OUT, TIMED))
    after_applications = time.process_time()
    for application in made:
        registry_elements(application)
        own_elements(application)
    after_elements = time.process_time()
    return {
        "applicants_per_s": round(made_people / (after_people - begun)),
        "applications_per_s": round(len(made) / (after_applications - after_people)),
        "elements_us": round((after_elements - after_applications) / len(made) * 1e6, 1),
    }


def ours(known: Corpus) -> dict[str, dict[str, float]]:
    """Give the scores of our elements and tiers, "with_id" and "without_id"."""
    registry = Registry()
    for person in known.people():
        registry.add(person.number, registry_elements(application_of(person, "R")))
    registry.close()
    applications = [probe.application for probe in known.probes]
    return {
        "with_id": scores(registry.find(applications), known.probes),
        "without_id": scores(registry.find(map(without_id, applications)), known.probes),
    }


class Registry:
    """Records by the hashes of their elements, in two arrays: what the registry does by tokens, without its keys."""

    def __init__(self) -> None:
        self._hashes, self._records = array("q"), array("q")
        self._sorted, self._owners = np.array([], dtype=np.int64), np.array([], dtype=np.int64)

    def add(self, record: int, elements: Iterable[Element]) -> None:
        for element in elements:
            self._hashes.append(_hash(element))
            self._records.append(record)

    def close(self) -> None:
        """Sort what was added, for `find`."""
        hashes = np.frombuffer(self._hashes, dtype=np.int64)
        order = np.argsort(hashes, kind="stable")
        self._sorted, self._owners = hashes[order], np.frombuffer(self._records, dtype=np.int64)[order]

    def find(self, applications: Iterable[Application]) -> Found:
        """Give the records that are shown for each application, by the rule of the registry."""
        begun = time.perf_counter()
        pairs = [
            (place, record)
            for place, application in enumerate(applications)
            for record in agreeing(self._shared(registry_elements(application)))
        ]
        return Found(frozenset(pairs), time.perf_counter() - begun)

    def _shared(self, elements: list[Element]) -> list[Shared]:
        hashes = np.array([_hash(element) for element in elements], dtype=np.int64)
        first, last = (
            np.searchsorted(self._sorted, hashes, "left"),
            np.searchsorted(self._sorted, hashes, "right"),
        )
        return [
            Shared(record, element.kind, element.party, int(end - start))
            for element, start, end in zip(elements, first, last, strict=True)
            for record in self._owners[start:end].tolist()
        ]


def _hash(element: Element) -> int:
    return hash((element.kind, element.value))
