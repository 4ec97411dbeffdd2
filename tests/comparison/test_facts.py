"""What runs are, and in what they differ."""

from __future__ import annotations

from dataclasses import replace

from logparse.comparison.facts import compared_facts, facts_of, text_of
from tests.comparison.sides import learner, side


def keys(found: object) -> list[str]:
    return [fact.key for fact in found]  # type: ignore[attr-defined]


def test_only_the_keys_that_differ_are_told() -> None:
    first = learner(1, settings={"LR": 0.1, "WIDTH": 8})
    second = learner(1, settings={"LR": 0.2, "WIDTH": 8, "NEW": "x"})
    found = compared_facts([side("a", first), side("b", second)])
    assert {fact.key: fact.texts for fact in found.differing} == {
        "LR": (("0.1",), ("0.2",)),
        "NEW": (("",), ("x",)),
    }
    assert found.compared == len(facts_of(first)) + 1


def test_values_that_mean_the_same_do_not_differ() -> None:
    first = learner(1, settings={"WEIGHT_DECAY": 1e-05, "WIDTH": 3, "FLAG": True})
    second = learner(1, settings={"WEIGHT_DECAY": 0.00001, "WIDTH": 3.0, "FLAG": 1})
    assert keys(compared_facts([side("a", first), side("b", second)]).differing) == ["FLAG"]


def test_facts_come_from_every_block() -> None:
    first = replace(
        learner(1),
        model={"total_params": 10},
        batch={"B": 4, "groups": None},
        optimizer={"lrs": (0.1, 0.2)},
        micro={"env": {"torch": "2.6", "cuda": None}},
        baselines={"val_mean_rmse": 0.5},
    )
    known = {key: text for key, (_, text) in facts_of(first).items()}
    assert known["model", "total_params"] == "10"
    assert known["batch", "B"] == "4" and ("batch", "groups") not in known
    assert known["optimizer", "lrs"] == "0.1, 0.2"
    assert known["environment", "torch"] == "2.6" and ("environment", "cuda") not in known
    assert known["baselines", "val_mean_rmse"] == "0.5"


def test_what_varies_within_groups_alike_is_no_difference() -> None:
    groups = [side(name, *(learner(seed) for seed in order)) for name, order in
              (("a", (0, 1, 2)), ("b", (2, 1, 0)))]  # fmt: skip
    found = compared_facts(groups)
    assert keys(found.differing) == [] and keys(found.varying) == ["SEED"]
    assert found.varying[0].texts == (("0", "1", "2"), ("2", "1", "0"))


def test_a_group_that_holds_a_value_more_differs() -> None:
    first = side("a", learner(0, settings={"LR": 1}), learner(1, settings={"LR": 2}))
    second = side("b", learner(0, settings={"LR": 1}), learner(1, settings={"LR": 1}))
    (fact,) = compared_facts([first, second]).differing
    assert (fact.key, fact.distinct(0), fact.distinct(1)) == ("LR", ("1", "2"), ("1",))


def test_a_fact_is_found_by_name_in_any_case() -> None:
    assert text_of(learner(3), "seed") == "3"
    assert text_of(learner(3), "nothing_like_it") is None
