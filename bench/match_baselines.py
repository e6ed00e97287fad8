"""How others match people: recordlinkage, taught on labelled pairs, and Splink, which teaches itself.

Both compare pairs that agree on something (blocking), after the cleaning that their documentation advises, and are
given the threshold that suits the test best, which nobody would know beforehand: these are their ceilings.
"""

import logging
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from bench.match_corpus import Corpus, Found, corpus, scores
from fraud.rules.canonical import Application
from fraud.rules.people.applications import application_of

_BLOCKS = ("birth", "family", "phone", "email", "postal")
_FIELDS = ("given", "family", "birth", "postal", "line", "phone", "email", "account", "sin")
_SCORE = "score"
# Of people that no test has seen, for what is taught.
_LESSONS = (2_000, 1_000)

Tables = tuple[pd.DataFrame, pd.DataFrame]


def by_recordlinkage(people: Corpus) -> dict[str, dict[str, float]]:
    """Give the best scores of recordlinkage's logistic regression, "with_id" and "without_id"."""
    return _each(people, _recordlinkage)


def by_splink(people: Corpus) -> dict[str, dict[str, float]]:
    """Give the best scores of Splink's model (DuckDB), "with_id" and "without_id"."""
    return _each(people, _splink)


def _each(people: Corpus, matcher: Callable[[Tables, bool], pd.DataFrame]) -> dict[str, dict[str, float]]:
    found = {}
    for name, has_id in (("with_id", True), ("without_id", False)):
        begun = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pairs = matcher(_tables(people), has_id)
        found[name] = _at_best(pairs, people, time.perf_counter() - begun)
    return found


def _at_best(pairs: pd.DataFrame, people: Corpus, seconds: float) -> dict[str, float]:
    """Give the scores at the threshold with the best F1."""
    tried = []
    for threshold in (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999):
        kept = pairs[pairs[_SCORE] >= threshold]
        found = Found(frozenset(zip(kept["probe"].tolist(), kept["record"].tolist(), strict=True)), seconds)
        tried.append(scores(found, people.probes))
    return max(tried, key=lambda each: each["f1"])


def _tables(people: Corpus) -> Tables:
    """Give the records by the number of their person and the probes by their place, one column a field."""
    records = [(person.number, application_of(person, "R")) for person in people.people()]
    return _table(records), _table(list(enumerate(probe.application for probe in people.probes)))


def _table(rows: list[tuple[int, Application]]) -> pd.DataFrame:
    from recordlinkage.preprocessing import clean

    table = pd.DataFrame([_row(application) for _, application in rows], index=[number for number, _ in rows])
    for name in ("given", "family", "line"):
        table[name] = clean(table[name], strip_accents="unicode")
    return table.replace({"": None})


def _row(application: Application) -> dict[str, str]:
    party = application.main
    address, account = party.addresses[0], party.bank_account
    return {
        "given": party.given_name,
        "family": party.family_name,
        "birth": party.birth_date.isoformat() if party.birth_date else "",
        "postal": address.postal_code.replace(" ", "").upper(),
        "line": address.line,
        "phone": party.phones[0].number if party.phones else "",
        "email": party.emails[0].lower() if party.emails else "",
        "account": f"{account.transit}{account.number}" if account else "",
        "sin": party.national_id,
    }


def _recordlinkage(tables: Tables, has_id: bool) -> pd.DataFrame:  # noqa: FBT001 - one of two measurements
    import recordlinkage

    lessons = corpus(*_LESSONS)
    seen = _compared(_tables(lessons), has_id)
    truth = {
        (number, place) for place, probe in enumerate(lessons.probes) if (number := probe.truth) is not None
    }
    known = pd.MultiIndex.from_tuples([pair for pair in seen.index if pair in truth])
    model = recordlinkage.LogisticRegressionClassifier()
    model.fit(seen, known)
    pairs = _compared(tables, has_id)
    return pd.DataFrame(
        {
            "record": pairs.index.get_level_values(0),
            "probe": pairs.index.get_level_values(1),
            _SCORE: np.asarray(model.prob(pairs)),
        }
    )


def _compared(tables: Tables, has_id: bool) -> pd.DataFrame:  # noqa: FBT001 - one of two measurements
    import recordlinkage

    records, probes = tables
    index = recordlinkage.Index()
    for block in (*_BLOCKS, *(["sin"] if has_id else [])):
        index.block(block)
    compare = recordlinkage.Compare()
    for name in ("given", "family", "line"):
        compare.string(name, name, method="jarowinkler", label=name)
    compare.string("birth", "birth", method="levenshtein", label="birth")
    for name in ("postal", "phone", "email", "account", *(["sin"] if has_id else [])):
        compare.exact(name, name, label=name)
    return compare.compute(index.index(records, probes), records, probes)


def _splink(tables: Tables, has_id: bool) -> pd.DataFrame:  # noqa: FBT001 - one of two measurements
    from splink import DuckDBAPI, Linker, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    database = DuckDBAPI()
    named = [
        database.register(table.rename_axis("unique_id").reset_index(), dataset_display_name=name)
        for name, table in zip(("records", "probes"), tables, strict=True)
    ]
    linker = Linker(named, _splink_settings(has_id), log_level=logging.ERROR)
    certain = [
        block_on("given", "family", "birth"),
        block_on("email"),
        *([block_on("sin")] if has_id else []),
    ]
    linker.training.estimate_probability_two_random_records_match(certain, recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=2_000_000)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("birth"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("given", "family"))
    found = linker.inference.predict(threshold_match_probability=0.01).as_pandas_dataframe()
    is_left = found["source_dataset_l"] == "records"
    return pd.DataFrame(
        {
            "record": np.where(is_left, found["unique_id_l"], found["unique_id_r"]),
            "probe": np.where(is_left, found["unique_id_r"], found["unique_id_l"]),
            _SCORE: found["match_probability"],
        }
    )


def _splink_settings(has_id: bool) -> Any:  # noqa: FBT001 - one of two measurements
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    comparisons = [
        cl.NameComparison("given"),
        cl.NameComparison("family").configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison("birth", input_is_string=True),
        cl.LevenshteinAtThresholds("postal", [1]),
        cl.JaroWinklerAtThresholds("line", [0.9]),
        cl.LevenshteinAtThresholds("phone", [1]),
        cl.EmailComparison("email"),
        cl.ExactMatch("account"),
    ]
    if has_id:
        comparisons.append(cl.LevenshteinAtThresholds("sin", [1]))
    return SettingsCreator(
        link_type="link_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[
            block_on(block) for block in (*_BLOCKS, *(["sin"] if has_id else []))
        ],
    )
