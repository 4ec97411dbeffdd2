"""The score: what it counts, what it writes, and what it says where it cannot."""

import json
import lzma
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks import score
from benchmarks.figures import wilson
from benchmarks.labels import ScoreError, read
from fixtures.dialects import Plan, simulate, write
from fixtures.make import PLANS

FAMILIES = {"conv": "tuning", "tcn": "held-out"}
REPORTS: dict[tuple[str, ...], Any] = {}


def scenario(kind: str, **changed: Any) -> dict[str, Any]:
    """A scenario's label that expects and forbids nothing."""
    codes: dict[str, list[str]] = {"expects": [], "forbids": [], "accepts": []}
    return {"kind": kind, "about": f"a {kind}", **codes, "twin": None, **changed}


def kept(*, is_kept: bool = True) -> dict[str, Any]:
    """Evidence that is in favour of the fault."""
    return {"worse": 5, "of": 6, "p": 0.03125, "median_ratio": 1.25, "kept": is_kept}


SCENARIOS = {
    "sound": scenario("healthy", forbids=["LR001"]),
    "quick_cut": scenario(
        "fault",
        expects=["LR001"],
        accepts=["BASE002"],
        twin="sound",
        harm="best val rmse | of 20 epochs",
        evidence={"conv": kept(), "tcn": kept(is_kept=False)},
    ),
    "flat": scenario("fault", expects=["GEN002", "LOSS001"], forbids=["BASE002"], twin="sound"),
    "restarted": scenario("fault", expects=["LOSS001"]),
    "overfit": scenario("fault", expects=["REP002"]),
    "noisy": scenario("trap", accepts=["BASE002"]),
    "dead": scenario("trap", forbids=["GRAD001"]),
    "torn": scenario("trap"),
}
BENT: dict[str, Plan] = {
    "quick_cut": PLANS["early_lr_drop"],
    "flat": PLANS["never_learned"],
    "restarted": PLANS["never_learned"],
    "noisy": PLANS["diverging_to_nan"],
    "dead": PLANS["vanishing_gradient"],
}


def log_of(name: str, seed: int) -> bytes:
    """A compressed log; after a restart the run is sound, and torn ones lack their end."""
    text = write(simulate("F2", epochs=20, layers=6, seed=seed, plan=BENT.get(name)))
    if name == "restarted":
        text += write(simulate("F2", epochs=20, seed=seed))
    return lzma.compress((text[:-40] if name == "torn" else text).encode())


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tuning logs of each scenario and one held-out, but for the one dropped there."""
    folder, runs = tmp_path_factory.mktemp("score") / "corpus", []
    for name in SCENARIOS:
        (folder / name).mkdir(parents=True)
        for family, seed in (("conv", 0), ("conv", 1), ("tcn", 0)):
            if (name, family) != ("quick_cut", "tcn"):
                path = f"{name}/{family}-{seed}.log.xz"
                (folder / path).write_bytes(log_of(name, seed))
                run = {"scenario": name, "family": family, "seed": seed, "epochs": 20}
                runs.append({"log": path, **run})
    made = {"command": "make it", "device": "a CPU", "python": "3", "torch": "2", "date": "today"}
    labels = {"made": made, "families": FAMILIES, "scenarios": SCENARIOS, "runs": runs}
    labels["dropped"] = [{"scenario": "quick_cut", "family": "tcn", "why": "did no harm"}]
    (folder / "labels.json").write_text(json.dumps(labels))
    return folder


@pytest.fixture(scope="module")
def written(corpus: Path) -> str:
    """The page; what `logdiag` said for it stays in REPORTS."""
    output, told = corpus.parent / "score.md", score.told

    def recorded(arguments: Sequence[str], folder: Path) -> Any:
        return REPORTS.setdefault(tuple(arguments), told(arguments, folder))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(score, "told", recorded)
        patch.setenv("LOGDIAG_CACHE_DIR", str(corpus.parent / "cache"))
        assert score.main(["--corpus", str(corpus), "--output", str(output), "--jobs", "2"]) == 0
    return output.read_text(encoding="utf-8")


def relabelled(corpus: Path, folder: Path, labels: dict[str, Any]) -> Path:
    """The same logs under other labels."""
    copy = folder / "corpus"
    copy.mkdir()
    (copy / "labels.json").write_text(json.dumps(labels))
    for name in SCENARIOS:
        (copy / name).symlink_to(corpus / name)
    return copy


def rows(page: str, section: str) -> dict[str, list[str]]:
    """The cells of a section's table by the first of their row."""
    body = page.split(f"\n## {section}\n")[1].split("\n## ")[0]
    lines = [line[2:-2].split(" | ") for line in body.splitlines() if line.startswith("| ")]
    return {cells[0]: cells[1:] for cells in lines}


def test_where_the_figures_come_from(written: str) -> None:
    for fact in ("`make it`", "a CPU", "today", "Families: tuning conv; held-out tcn."):
        assert fact in written, fact
    assert "23 logs (3 healthy, 11 fault, 9 trap) of 8 scenarios" in written
    assert "of logdiag " in written and "the labels in `corpus`" in written


def test_the_summary_keeps_held_out_families_apart(written: str) -> None:
    found = rows(written, "Summary")
    assert found["faults found"] == ["6 of 8 = 75% (41-93%)", "2 of 3 = 67% (21-94%)"]
    assert found["faults: to do first"][0].startswith("4 of 6 = 67%")
    assert found["healthy + traps: an error"][0].startswith("4 of 8 = 50%")
    assert found["healthy: error or warning"][0].startswith("0 of 2 = 0% (0-")
    assert found["traps: error or warning"] == ["4 of 6 = 67% (30-90%)", "2 of 3 = 67% (21-94%)"]
    assert found["faults: a forbidden name"][0] == "2 of 2 = 100% (34-100%)"
    assert found["healthy + traps: a forbidden name"][1].startswith("1 of 2 = 50%")


def test_recall_counts_any_place_and_the_first(written: str) -> None:
    found = rows(written, "Rules: found")
    counts = [cell.split(" (")[0] for cell in found["LOSS001 never-learned"]]
    assert counts == ["4 of 4", "2 of 2", "2 of 2", "1 of 1"]
    assert found["LR001 early-lr-drop"] == ["2 of 2 (34-100%)", "-", "2 of 2 (34-100%)", "-"]
    assert found["REP002 unresolvable-difference"][0] == "0 of 2 (0-66%)"
    assert found["NUM001 non-finite"] == ["-"] * 4  # fired, and is expected nowhere


def test_false_alarms_leave_out_what_is_accepted_and_keep_notes_apart(written: str) -> None:
    found = {rule[:7]: cells for rule, cells in rows(written, "Rules: false alarms").items()}
    counts = {rule: [cell.split(" (")[0] for cell in cells] for rule, cells in found.items()}
    assert counts["BASE002"] == ["2 of 6", "1 of 3", "0 of 6", "0 of 3"]  # accepted where noisy
    assert counts["NUM001 "] == ["2 of 8", "1 of 4", "0 of 8", "0 of 4"]
    assert counts["LOG003 "] == ["0 of 8", "0 of 4", "2 of 8", "1 of 4"]


def about(cell: str, *codes: str) -> str:
    """What a cell says of these rules; rules that look at other things may have their say."""
    said = re.finditer(r"([A-Z]+[0-9]{3}) [0-9]+(?: \([^)]*\))?", cell)
    return ", ".join(match[0] for match in said if match[1] in codes) or "-"


def test_each_scenario_shows_what_was_said_of_it(written: str) -> None:
    found = {
        name: [*cells[:-1], about(cells[-1], "BASE002", "NUM001", "LOG003", "GRAD001")]
        for name, cells in rows(written, "Scenarios").items()
    }
    assert found["sound"] == ["healthy", "-", "3", "-", "-", "-"]
    assert found["flat"][:5] == ["fault", "GEN002 0, LOSS001 3", "3", "3 of 3", "BASE002 3"]
    assert found["overfit"] == ["fault", "REP002 0", "3", "**0 of 3**", "-", "-"]
    assert found["noisy"][-1] == "BASE002 3 (accepted), NUM001 3"
    assert found["dead"][-2:] == ["GRAD001 3", "BASE002 3"]
    assert found["torn"][-1] == "LOG003 3 (3 as note)"
    assert found["restarted"][1:4] == ["LOSS001 3", "3", "3 of 3"]  # by the first of two runs


def test_each_missed_fault_is_listed_with_what_its_rules_said(written: str) -> None:
    found = rows(written, "Missed")
    assert list(found)[2:] == [f"overfit/{run}.log.xz" for run in ("tcn-0", "conv-0", "conv-1")]
    split, expected, _, look = found["overfit/tcn-0.log.xz"]
    assert (split, look) == ("held-out", "not looked into")
    assert expected.startswith("REP002 not-applicable: ")


def test_every_missed_fault_of_the_corpus_was_looked_into() -> None:
    page = (score.ROOT / "docs" / "score.md").read_text(encoding="utf-8")
    looked_into = json.loads(score.MISSES.read_text(encoding="utf-8"))
    assert set(rows(page, "Missed")) - {"log", "---"} == set(looked_into)


def test_families_and_evidence(written: str) -> None:
    families = rows(written, "Families")
    assert families["conv"] == ["tuning", "6 of 8 (41-93%)", *["4 of 8 (22-78%)"] * 2]
    assert "| quick_cut | conv | 5 of 6 | 0.031 | 1.25 | kept |" in written
    assert "| quick_cut | tcn | 5 of 6 | 0.031 | 1.25 | **dropped** |" in written
    assert "| flat | tcn | - | - | - | not measured |" in written
    assert "| quick_cut | sound | best val rmse \\| of 20 epochs |" in written
    assert rows(written, "Dropped")["quick_cut"] == ["tcn", "did no harm"]
    assert "Not read whole" not in written


def test_neither_order_nor_jobs_change_the_page(
    corpus: Path, tmp_path: Path, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = json.loads((corpus / "labels.json").read_text())
    labels["scenarios"] = dict(reversed(labels["scenarios"].items()))
    copy = relabelled(corpus, tmp_path, {**labels, "runs": labels["runs"][::-1]})
    monkeypatch.setattr(score, "told", lambda arguments, folder: REPORTS[tuple(arguments)])
    assert score.page(score.judge(copy, jobs=5)) == written


def test_wilson_gives_published_intervals() -> None:
    """Newcombe, Statistics in Medicine 17 (1998), table I; the last by symmetry."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=6e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=6e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=6e-5)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=6e-5)
    assert wilson(20, 20) == pytest.approx((0.8389, 1.0), abs=6e-5)


def report(found: dict[str, list[str]], failed: str | None = None) -> dict[str, Any]:
    """What `logdiag analyze` would write: a run with LR001 for each severity of each log."""
    runs = [
        {
            "source": source,
            "findings": [{"code": "LR001", "severity": severity}],
            "checks": [],
            "first": None if severity == "note" else {"code": "LR001"},
        }
        for source, severities in found.items()
        for severity in severities
    ]
    errors = [{"source": failed, "message": "it ends early"}] if failed else []
    return {"tool": {"version": "1"}, "runs": runs, "errors": errors}


def test_the_worst_severity_of_all_runs_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    said = report({"a": ["note", "error", "warning"]})
    monkeypatch.setattr(score, "told", lambda arguments, folder: said)
    answer = score.answer(["a"], Path())
    assert answer.fired == {"a": {"LR001": "error"}}
    assert answer.first == {"a": ["LR001", "LR001"]}


def test_a_log_that_could_not_be_read_whole_is_scored_and_listed(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(arguments: list[str], folder: Path) -> Any:
        if arguments[0] == "rules":
            return [{"code": "LR001", "name": "early-lr-drop"}]
        paths = arguments[arguments.index("--") + 1 :]
        return report({path: ["warning"] for path in paths}, failed=paths[0])

    monkeypatch.setattr(score, "told", told)
    page = score.page(score.judge(corpus, jobs=1))
    assert rows(page, "Not read whole")["sound/conv-0.log.xz"] == ["it ends early"]
    summary = rows(page, "Summary")
    assert summary["healthy + traps: an error"][0].startswith("0 of 8")
    assert summary["healthy + traps: error or warning"][0].startswith("8 of 8")


def test_a_crash_and_silence_are_errors(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ScoreError, match=r"logdiag explain failed with code 2: .*LR999"):
        score.told(["explain", "LR999"], corpus)
    monkeypatch.setattr(score, "told", lambda arguments, folder: report({}))
    with pytest.raises(ScoreError, match="says nothing about a"):
        score.answer(["a"], corpus)


@pytest.mark.parametrize(
    ("way", "value", "said"),
    [
        ("made", {}, "made has no 'command'"),
        ("families/conv", "testing", "families.conv is 'testing', not one of tuning, held-out"),
        ("scenarios/flat/kind", "sick", "scenarios.flat.kind is 'sick'"),
        ("scenarios/flat/expects", ["LR01"], "flat.expects names 'LR01', which is no rule"),
        ("scenarios/flat/expects", "LR001", "scenarios.flat.expects is no list"),
        ("scenarios/flat/expects", [], "flat is a fault and expects no code"),
        ("scenarios/flat/accepts", ["BASE002"], "flat lists BASE002 twice"),
        ("scenarios/flat/twin", "gone", "the twin of flat, 'gone', is an unknown scenario"),
        ("scenarios/sound/expects", ["LR002"], "sound is no fault (healthy) and expects LR002"),
        ("scenarios/quick_cut/evidence/conv/worse", 7, "more worse than all"),
        ("scenarios/quick_cut/evidence/conv/kept", False, "quick_cut was dropped for conv"),
        ("scenarios/quick_cut/evidence/lstm", kept(), "evidence for an unknown family 'lstm'"),
        ("runs/0/scenario", "gone", "is of an unknown scenario 'gone'"),
        ("runs/0/log", "sound/none.log", "the log sound/none.log is missing"),
        ("runs/0/log", "../none.log", "leads out of the corpus"),
        ("runs/0/log", "sound/conv-1.log.xz", "sound/conv-1.log.xz is listed twice"),
        ("runs/0/seed", True, "runs[0].seed is no whole number"),
        ("dropped/0/scenario", "flat", "flat was dropped for tcn"),
    ],
)
def test_labels_are_checked(corpus: Path, tmp_path: Path, way: str, value: Any, said: str) -> None:
    place: Any = (labels := json.loads((corpus / "labels.json").read_text()))
    *before, last = (int(part) if part.isdecimal() else part for part in way.split("/"))
    for part in before:
        place = place[part]
    place[last] = value
    with pytest.raises(ScoreError) as caught:
        read(relabelled(corpus, tmp_path, labels))
    assert str(caught.value).startswith("labels.json: ") and "\n" not in str(caught.value)
    assert said in str(caught.value)


def test_two_scenarios_of_one_name_are_not_lost(tmp_path: Path) -> None:
    (tmp_path / "labels.json").write_text('{"scenarios": {"a": 1, "a": 2}}')
    with pytest.raises(ScoreError, match="'a' stands twice"):
        read(tmp_path)


@pytest.mark.parametrize(("folder", "said"), [("gone", "no corpus: "), ("sound", "no labels: ")])
def test_what_is_missing_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], folder: str, said: str
) -> None:
    (tmp_path / "sound").mkdir()
    output = tmp_path / "score.md"
    assert score.main(["--corpus", str(tmp_path / folder), "--output", str(output)]) == 2
    told = capsys.readouterr()
    assert told.err.startswith(f"score: {said}") and told.err.count("\n") == 1
    assert not told.out and not output.exists()


def test_wrong_usage_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        score.main(["--jobs", "0"])
    assert "'0' is no number from 1 up" in capsys.readouterr().err
