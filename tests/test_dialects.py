import math
import random
import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from fixtures.dialects import (
    DIALECTS,
    Epoch,
    SimulatedRun,
    epoch_block,
    header,
    parameter_labels,
    simulate,
    write,
)
from fixtures.records import POSITIONAL
from fixtures.settings import one_cycle

SEED_SCHEDULE = {
    "MAX_EPOCHS": 70,
    "ONECYCLE_MAX_LR": 0.0005,
    "ONECYCLE_DIV_FACTOR": 10,
    "ONECYCLE_FINAL_DIV": 100,
    "ONECYCLE_PCT_START": 0.1,
    "ONECYCLE_STRATEGY": "cos",
}
NUMBER = re.compile(r"-?\d+\.\d+(?:e[+-]\d+)?")
FIELDS = {
    "A": "E GN GD UR lr TR VL SR SL topK(g/u)",
    "B": "E OPTS GN GD UR LR_MAIN lr TR VL AUX SR SL topK(g/u) T GPU LAYER_GN",
    "C": "E OPTS GN GD UR LR_MAIN lr TR VL SR SL topK(g/u) T GPU LAYER_GN",
    "D": "E OPTS GN GD UR LR_MAIN lr TR VL SR SL - T GPU LAYER_GN -",
    "E": "E OPTS GN GD UR LR_MAIN lr TR VL MAIN_LOSS - SR SL FMB T chk GPU LAYER_GN",
    "F1": "E OPTS GN GD UR LR_MAIN lr TR VAL BASE_LOSS SCHED_PCT SR SL FMB T chk GPU LAYER_GN",
    "F2": "E OPTS GN GD UR LR_MAIN lr TR VAL BASE_LOSS SCHED_PCT SR SL FMB T chk GPU LAYER_GN",
    "G": "E OPTS GN GD UR lr TR VAL BASE_LOSS SCHED_PCT SR SL FMB T chk GPU -",
}


def first_line(run: SimulatedRun, index: int) -> str:
    return epoch_block(run, index).split("\n")[1]


def field(line: str, name: str) -> str:
    found = re.search(rf"(?:^|\| ){re.escape(name)}[=\[]([^|\]]*)", line)
    assert found is not None, f"no {name} in {line[:200]}"
    return found[1].strip()


def numbers(line: str, name: str) -> list[float]:
    return [float(text) for text in NUMBER.findall(field(line, name))]


def name_of(field_text: str) -> str:
    return "E" if re.match(r"E\d", field_text) else re.split(r"[=\[]", field_text)[0] or "-"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_block_is_a_blank_line_and_the_lines_of_its_dialect(dialect: str) -> None:
    run = simulate(dialect, epochs=3)
    extra = {"A": 0, "B": 0, "C": 0, "G": 2}.get(dialect, 1)
    for index, epoch in enumerate(run.epochs):
        lines = epoch_block(run, index).split("\n")
        assert lines[0] == "" and lines[-1] == ""
        saved = dialect == "G" and epoch.checkpoint
        assert len(lines) - 2 == 1 + extra + saved


@pytest.mark.parametrize("dialect", DIALECTS)
def test_fields_follow_the_order_of_the_spec(dialect: str) -> None:
    line = first_line(simulate(dialect, epochs=2), 1)
    line = re.sub(r"OPTS\[.*?\|cnts", "OPTS[cnts", line)
    assert [name_of(text) for text in line.split(" | ")] == FIELDS[dialect].split()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_same_seed_gives_the_same_log_and_another_seed_another(dialect: str) -> None:
    assert write(simulate(dialect, epochs=2)) == write(simulate(dialect, epochs=2))
    assert write(simulate(dialect, epochs=2)) != write(simulate(dialect, epochs=2, seed=2))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_healthy_run_ends_below_both_baselines(dialect: str) -> None:
    run = simulate(dialect, epochs=30)
    assert run.baselines is not None
    first, last = run.epochs[0], run.epochs[-1]
    assert first.train_rmse > run.baselines[0] and first.val_rmse > run.baselines[2]
    assert last.train_rmse < run.baselines[1] and last.val_rmse < run.baselines[3]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_r2_follows_from_rmse_and_the_mean_baseline(dialect: str) -> None:
    run = simulate(dialect, epochs=5)
    assert run.baselines is not None
    for epoch in run.epochs:
        assert epoch.train_r2 == pytest.approx(1 - (epoch.train_rmse / run.baselines[0]) ** 2)
        assert epoch.val_r2 == pytest.approx(1 - (epoch.val_rmse / run.baselines[2]) ** 2)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_total_norm_is_the_root_of_all_squares(dialect: str) -> None:
    run = simulate(dialect, epochs=4)
    for index, epoch in enumerate(run.epochs):
        total = math.sqrt(sum(p.grad_norm**2 for p in epoch.parameters))
        assert numbers(first_line(run, index), "GN")[-1] == pytest.approx(total, abs=5.01e-4)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_spreads_take_the_upper_median_and_the_percentile_of_the_dialect(dialect: str) -> None:
    run = simulate(dialect, epochs=1)
    norms = sorted(p.grad_norm for p in run.epochs[0].parameters)
    ratios = sorted(p.update_ratio for p in run.epochs[0].parameters)
    n = len(norms)
    high = int(0.9 * n) if dialect in POSITIONAL else math.floor(0.9 * (n - 1))
    line = first_line(run, 0)
    assert numbers(line, "GD") == [
        float(f"{x:.1e}") for x in (norms[n // 2], norms[high], norms[-1])
    ]
    assert numbers(line, "UR") == [float(f"{x:.1e}") for x in (ratios[n // 2], ratios[-1])]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_lists_fall_with_the_gradient_norm_and_are_the_ones_printed(dialect: str) -> None:
    run = simulate(dialect, epochs=2)
    labels = parameter_labels(run, 1)
    norms = [norm for _, norm, _ in labels]
    assert norms == sorted(norms, reverse=True)
    positions = [epoch_block(run, 1).find(f"{label}:") for label, _, _ in labels]
    assert min(positions) > 0


def test_the_seed_model_has_48_tensors_and_a_list_of_40() -> None:
    run = simulate("F2", epochs=1)
    labels = [label for label, _, _ in parameter_labels(run, 0)]
    assert len(run.epochs[0].parameters) == 48
    assert len(labels) == len(set(labels)) == 40
    expected = {"head_flat.2.bias", "2.linear2.weight", "self_attn.out_proj.weight"}
    assert expected | {"feature_proj.weight"} <= set(labels)


def test_settings_of_the_seed_give_the_sizes_of_the_seed() -> None:
    sizes = {"TRANSFORMER_D_MODEL": 128, "PRED_HIDDEN": 128}
    text = header(simulate("F2", epochs=1, settings=SEED_SCHEDULE | sizes))
    assert (
        "DEBUG_OPT GROUPS=1 LRS=['7.2e-05'] COUNTS=[48] | MODEL_STATIC: total_params=614,786 "
        "trainable=614,786 frozen=0 | param_bytes=2.35MB\n" in text
    )
    assert " total_params=614786 trainable_params=614786 windows_bytes=159.4KB\n" in text


def test_one_cycle_of_the_seed_is_7_2e_05_after_epoch_1_of_70() -> None:
    run = simulate("F2", epochs=70, settings=SEED_SCHEDULE)
    assert f"{run.epochs[0].lr:.1e}" == "7.2e-05"
    assert max(run.epochs, key=lambda epoch: epoch.lr).number == 7
    assert run.epochs[6].lr == pytest.approx(5e-4)
    assert run.epochs[-1].lr == pytest.approx(5e-4 / 10 / 100)
    assert one_cycle(0.0, SEED_SCHEDULE) == pytest.approx(5e-5)


def test_seeds_first_line_has_the_structure_of_the_seed_log() -> None:
    line = NUMBER.sub("#", first_line(simulate("F2", epochs=1, settings=SEED_SCHEDULE), 0))
    line = re.sub(r"GN\[.*,TOT", "GN[...,TOT", line)
    assert line == (
        "E01 | OPTS[1:#|cnts=[48]] | GN[...,TOT=#] | GD[#,#,#] | UR[#,#] | LR_MAIN=# | lr=# | "
        "TR[#,#,#,BASE_RMSE=#,DELTA_RMSE=nan] | VAL[#,#,#,BASE_RMSE=#] | BASE_LOSS=#,DELTA_LOSS=#,"
        "DELTA_RATIO=#,BASE_RMSE=#,DELTA_RMSE=nan | SCHED_PCT=#% | SR=# | SL=#,HR=# | FMB=# | "
        "T=#s,TP=#seg/s | chk=0 | GPU=#GiB | LAYER_GN[weight:#/#]"
    )


@pytest.mark.parametrize("dialect", ["B", "C", "E", "F1", "F2", "G"])
def test_the_checkpoint_flag_lags_one_epoch(dialect: str) -> None:
    def worse_in_third(epoch: int, total: int, rng: random.Random) -> Mapping[str, float]:
        return {"val_rmse": 0.5} if epoch == 3 else {}

    run = simulate(dialect, epochs=5, plan=worse_in_third)
    assert [epoch.checkpoint for epoch in run.epochs[:3]] == [True, True, False]
    flags = [bool(re.search(r"\*CHKPT|chk=1", first_line(run, i))) for i in range(5)]
    assert flags == [False, *(epoch.checkpoint for epoch in run.epochs[:-1])]


def test_g_names_the_checkpoint_straight_after_its_own_epoch() -> None:
    run = simulate("G", epochs=2)
    lines = epoch_block(run, 0).splitlines()
    assert lines[-1].startswith(f"CHKPT SAVED val={run.epochs[0].val_rmse:.3f} path=trainings/")
    assert "chk=0" in lines[1] and "chk=1" in first_line(run, 1)


def test_g_lists_all_features_falling_and_ends_two_lines_in_a_bar() -> None:
    run = simulate("G", epochs=1, features=20)
    lines = epoch_block(run, 0).splitlines()
    assert lines[1].endswith("GiB | ") and lines[2].endswith(" | ")
    entries = [entry.rsplit(":", 1) for entry in lines[3].removeprefix("FEAT_TOP=").split(",")]
    assert {name for name, _ in entries} == {name for name, _ in run.epochs[0].features}
    values = [float(value) for _, value in entries]
    assert len(values) == 20 and values == sorted(values, reverse=True)


def test_es_zero_token_counts_the_labels_without_gradient() -> None:
    run = simulate("E", epochs=1)
    assert epoch_block(run, 0).endswith(", zero:2/0.000\n")
    silent = replace(run.epochs[0].parameters[0], grad_norm=1e-6)
    epoch = replace(run.epochs[0], parameters=(silent, *run.epochs[0].parameters[1:]))
    assert epoch_block(replace(run, epochs=(epoch,)), 0).endswith(", zero:3/0.000\n")
    assert all(norm > 0 or label != silent.name for label, norm, _ in parameter_labels(run, 0))


def test_layer_labels_change_after_the_first_epoch() -> None:
    e, f = simulate("E", epochs=2), simulate("F1", epochs=2)
    assert first_line(e, 0).endswith("GiB | ")
    assert "LAYER_GN[short_lstm.weight_ih_l0:" in first_line(e, 1)
    assert "LAYER_GN[weight:" in first_line(f, 0)
    assert "LAYER_GN[feature_proj.weight:" in first_line(f, 1)


def test_positional_dialects_repeat_labels() -> None:
    for dialect in POSITIONAL:
        run = simulate(dialect, epochs=1)
        labels = [label for label, _, _ in parameter_labels(run, 0)]
        assert labels.count("weight.original1") >= 2 and labels.count("linear2.weight") == 3
        assert len(labels) == len(run.epochs[0].parameters)


def test_the_schedule_is_glued_absent_or_empty_by_dialect() -> None:
    assert " | AUX=DISABLED | SR=" in first_line(simulate("B", epochs=1), 0)
    assert " | AUX=ON SCHED_PCT=100.0% | SR=" in first_line(simulate("B", epochs=1, seed=1), 0)
    assert "] | SR=" in first_line(simulate("C", epochs=1), 0)
    assert "] | SCHED_PCT=100.0% | SR=" in first_line(simulate("C", epochs=1, seed=1), 0)
    assert "HR=0.000 |  | T=" in first_line(simulate("D", epochs=1), 0)
    assert re.search(r"AUX_RATIO=\S+ \|  \| SR=", first_line(simulate("E", epochs=1), 0))


def test_unmeasured_time_and_memory_move_the_checkpoint_mark() -> None:
    run = simulate("B", epochs=2)
    bare = replace(run.epochs[1], gpu_gib=0.0)
    assert "s/s *CHKPT | LAYER_GN" in first_line(replace(run, epochs=(run.epochs[0], bare)), 1)
    bare = replace(bare, elapsed_s=0.0)
    moved = first_line(replace(run, epochs=(run.epochs[0], bare)), 1)
    assert re.search(r"weight\.original1:0\.000/0\.0e\+00 \*CHKPT \| LAYER_GN", moved)


@pytest.mark.parametrize("dialect", ["D", "E", "F1", "F2", "G"])
def test_a_header_opens_with_the_rule_and_keeps_its_decoys_indented(dialect: str) -> None:
    lines = header(simulate(dialect, epochs=1)).split("\n")
    assert lines[:2] == ["", "-" * 150] and lines[2].startswith("RUN START: ")
    samples = [line for line in lines if "BATCH_SHAPE B=" in line]
    assert [line.startswith("    ") for line in samples] == [True, False]
    assert [line.startswith(" ") for line in lines if "MICRODETAIL ms: " in line] == [True, False]
    assert any(line.startswith("DEBUG_OPT") for line in lines) == (dialect in ("F1", "F2", "G"))


def test_b_has_two_headers_and_the_older_one_snapshots_after_the_first_epoch() -> None:
    newer, older = write(simulate("B", epochs=2)), write(simulate("B", epochs=2, seed=1))
    assert re.search(r"^DEBUG_OPT .* # PER-EPOCH LOG FORMAT: #  E\{ep:02d\}", newer, re.MULTILINE)
    assert newer.index("DEBUG_SHAPES") < newer.index("\nE01")
    assert "\n# PER-EPOCH LOG FORMAT:\n#  E{ep:02d}" in older and "MICRODETAIL" not in older
    assert older.index("\nE01") < older.index("\nDEBUG_SHAPES") < older.index("\nE02")


def test_a_run_without_a_start_has_no_header() -> None:
    run = simulate("F2", epochs=1, started=None)
    assert header(run) == "" and write(run) == epoch_block(run, 0)
    aborted = simulate("F2", epochs=0)
    assert write(aborted) == header(aborted) and "COUNTS=[48]" in write(aborted)


def test_a_plan_bends_only_what_it_names() -> None:
    def planned(epoch: int, total: int, rng: random.Random) -> Mapping[str, float]:
        rng.random()
        return {"train_rmse": math.nan, "shallow_grad_scale": 0.001} if epoch == 2 else {}

    plain, bent = simulate("F2", epochs=3), simulate("F2", epochs=3, plan=planned)
    assert (plain.epochs[0], plain.epochs[2]) == (bent.epochs[0], bent.epochs[2])
    assert bent.epochs[1].val_rmse == plain.epochs[1].val_rmse
    assert math.isnan(bent.epochs[1].train_r2) and "TR[nan,nan,nan," in first_line(bent, 1)
    pairs = zip(bent.epochs[1].parameters, plain.epochs[1].parameters, strict=True)
    ratios = [round(new.grad_norm / old.grad_norm, 6) for new, old in pairs]
    assert ratios == [0.001] * 16 + [1.0] * 32


def test_a_plan_with_an_unknown_field_is_refused() -> None:
    with pytest.raises(TypeError, match="train_rsme"):
        simulate("A", epochs=1, plan=lambda epoch, total, rng: {"train_rsme": 1.0})
    with pytest.raises(ValueError, match="unknown dialect"):
        simulate("H")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_epoch_without_parameters_prints_zeros_and_an_empty_list(dialect: str) -> None:
    run = simulate(dialect, epochs=1)
    empty: Epoch = replace(run.epochs[0], parameters=())
    line = first_line(replace(run, epochs=(empty,)), 0)
    assert "GD[0.0e+00,0.0e+00,0.0e+00] | UR[0.0e+00,0.0e+00]" in line
    assert dialect == "A" or "OPTS[0:|cnts=[]]" in line
    assert dialect in POSITIONAL or "GN[,TOT=0.000]" in line
