"""Runs that hold more than numbers by epoch, compared."""

import json

import logparse
from fixtures.letters import letters_document
from tests.documents import run_of


def test_runs_with_what_the_model_made_of_an_example_compare_as_json() -> None:
    found = logparse.compare(run_of(letters_document()), run_of(letters_document(seed=1)))
    assert len(json.loads(logparse.render(found, "json"))["sides"]) == 2
