"""The scenarios: their truth is well-formed, their faults are really put in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import logparse
from benchmarks.labels import CODES

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install 'logdiag[trainer]'")

from trainer import devices  # noqa: E402
from trainer.errors import TrainerError  # noqa: E402
from trainer.scenarios import SCENARIOS, Scenario, find  # noqa: E402
from trainer.scenarios import faults_file as files  # noqa: E402
from trainer.scenarios.harm import Evidence, figures, sign_test  # noqa: E402
from trainer.scenarios.play import Played, play  # noqa: E402
from trainer.scenarios.scenario import CORPUS_FAMILIES  # noqa: E402

ROOT = Path(__file__).parent.parent.parent
CPU = devices.choose("cpu")


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda s: s.name)
def test_a_scenario_says_what_is_true_of_it(scenario: Scenario) -> None:
    codes = (*scenario.expects, *scenario.forbids, *scenario.accepts)
    assert set(codes) <= CODES and len(set(codes)) == len(codes)
    assert bool(scenario.expects) == (scenario.kind == "fault")
    if scenario.kind == "fault":
        twin = find(scenario.twin)
        assert twin.kind != "fault"
        assert scenario.harm
    for family in CORPUS_FAMILIES:
        settings = scenario.resolved(family, 3)
        assert settings.SEED == 3 and 10 <= settings.MAX_EPOCHS <= 80


def test_every_schedule_has_a_healthy_run() -> None:
    clean = [s for s in SCENARIOS.values() if s.kind != "fault"]
    schedules = {s.resolved("conv", 0).SCHEDULE for s in clean}
    every = {"onecycle", "cosine", "restarts", "linear", "multistep", "plateau", "constant"}
    assert schedules == every


def test_an_unknown_scenario_gets_the_nearest_name() -> None:
    with pytest.raises(TrainerError, match="did you mean label-shuffle"):
        find("lable-shufle")


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([(2, 1)] * 5, Evidence(5, 5, 1 / 32, 2.0)),
        ([(2, 1)] * 4 + [(1, 2)], Evidence(4, 5, 6 / 32, 2.0)),
        ([(1, 1)] * 5, Evidence(0, 5, 1.0, 1.0)),
        ([(float("inf"), 1)] * 5, Evidence(5, 5, 1 / 32, None)),
    ],
)
def test_the_sign_test(pairs: list[tuple[float, float]], expected: Evidence) -> None:
    found = sign_test(pairs)
    assert found == expected and found.is_kept == (expected.p < 0.05)


LOG = "header\n\nE01 | a\nG/U=1\n" + "".join(f"\nE{n:02d} | a\nG/U=1\n" for n in range(2, 16))


def test_the_file_faults_do_what_they_say() -> None:
    assert LOG.startswith(files.truncated(LOG)) and not files.truncated(LOG).endswith("\n")
    kept = files.without_epochs(LOG)
    missing = [n for n in range(1, 16) if f"E{n:02d}" not in kept]
    assert missing == [11, 12, 13]
    assert files.appended(LOG).count("E01") == 2 and files.appended(LOG).count("header") == 1


def played(name: str, folder: Path, family: str = "conv", **changes: object) -> Played:
    """A scenario in a tenth of its size."""
    scenario = find(name)
    small = {"TRAIN_WINDOWS": 256, "VAL_WINDOWS": 64, "MAX_EPOCHS": 6, **changes}
    settings = {**scenario.settings, **small}
    until = scenario.until and 3
    rest = {k: v for k, v in vars(scenario).items() if k not in ("settings", "until")}
    return play(Scenario(**rest, settings=settings, until=until), family, 0, CPU, folder)


def test_a_clean_resume_is_the_uninterrupted_run(tmp_path: Path) -> None:
    changes = {"SCHEDULE": "onecycle"}
    whole = played("healthy-onecycle", tmp_path / "a", **changes)
    resumed = played("clean-resume", tmp_path / "b", **changes)
    assert [r.val_loss for r in resumed.records] == [r.val_loss for r in whole.records]
    assert len(logparse.read_all(resumed.log)) == 2


def test_a_lost_schedule_starts_again(tmp_path: Path) -> None:
    lost = [r.lr for r in played("resume-lost-schedule", tmp_path / "a").records]
    kept = [r.lr for r in played("clean-resume", tmp_path / "b").records]
    assert lost[:3] == kept[:3]
    assert lost[3:] == pytest.approx(kept[:3])


def test_replayed_data_are_the_first_epochs_again(tmp_path: Path) -> None:
    replayed = played("resume-replayed-data", tmp_path / "a", ONECYCLE_MAX_LR=1e-9)
    kept = played("clean-resume", tmp_path / "b", ONECYCLE_MAX_LR=1e-9)
    norms = [r.step_grad_norms for r in replayed.records]
    # At this rate the weights stand still, so the same batches have the same gradients.
    assert norms[3] == pytest.approx(norms[0], rel=1e-3)
    assert kept.records[3].step_grad_norms != pytest.approx(norms[0], rel=1e-3)


def test_a_detached_encoder_gets_no_gradient_though_it_counts_as_trainable(tmp_path: Path) -> None:
    run = played("detached-part", tmp_path)
    norms = {n.name: n.grad_norm for n in run.records[-1].parameters}
    assert norms["conv.conv.weight"] == 0 == norms["feature_proj.weight"]
    assert norms["head_flat.0.weight"] > 0
    model = logparse.read(run.log).model
    assert model["total_params"] == model["trainable_params"]


def test_a_stale_validation_repeats_its_figures(tmp_path: Path) -> None:
    rmse = logparse.read(played("stale-validation", tmp_path).log).epochs["val_rmse"]
    assert rmse.nunique() == 2 and list(rmse[:5]) == [rmse[0]] * 5 and rmse[5] != rmse[0]


def test_a_guarded_nan_leaves_no_trace_in_the_metrics(tmp_path: Path) -> None:
    run = played("guarded-nan", tmp_path)
    assert [r.skipped_batches for r in run.records] == [0, 0, 0, 0, 1, 0]
    assert logparse.read(run.log).epochs["train_rmse"].notna().all()


def test_shuffled_targets_cannot_be_learned(tmp_path: Path) -> None:
    shuffled = figures(played("label-shuffle", tmp_path / "a", MAX_EPOCHS=10))
    clean = figures(played("healthy-onecycle", tmp_path / "b", MAX_EPOCHS=10))
    assert shuffled["late val_rmse"] > 0.9 > clean["late val_rmse"]


def test_leaked_validation_looks_better_than_it_is(tmp_path: Path) -> None:
    leaked = figures(played("leakage", tmp_path / "a", MAX_EPOCHS=20))
    clean = figures(played("healthy-onecycle", tmp_path / "b", MAX_EPOCHS=20))
    assert leaked["test gap"] > clean["test gap"]


def test_a_scenario_from_end_to_end(tmp_path: Path) -> None:
    """Train, read, analyze, each as a user would."""
    train = ["trainer", "--scenario", "nan-loss", "--family", "conv", "--out", str(tmp_path)]
    done = subprocess.run([sys.executable, "-m", *train], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    analyze = ["logdiag", "analyze", str(tmp_path / "run.log")]
    told = subprocess.run(
        [sys.executable, "-m", *analyze], cwd=ROOT, capture_output=True, text=True
    )
    assert told.returncode == 1 and "NUM001" in told.stdout and "E12" in told.stdout
