"""The scaling configurations have the sizes that they claim, and what is written can be read."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install 'logdiag[trainer]'")

from trainer.errors import TrainerError  # noqa: E402
from trainer.models import SeriesModel  # noqa: E402
from trainer.scaling import FAMILIES, Scaled, parameter_count, write_and_run  # noqa: E402
from trainer.settings import Settings  # noqa: E402

BY_NAME = {each.name: each for each in FAMILIES}


def real_count(settings: Settings) -> int:
    """As the code counts, on a device that allocates nothing, but by hand."""
    with torch.device("meta"):
        model = SeriesModel(settings)
    return sum(int(torch.tensor(p.shape).prod()) for p in model.parameters())


@pytest.mark.parametrize("each", FAMILIES, ids=lambda each: each.name)
def test_a_model_is_as_large_as_it_claims(each: Scaled) -> None:
    real = real_count(each.settings())
    assert each.checked() == real
    assert real == pytest.approx(each.claims, rel=0.01)


def test_the_four_model_sizes_are_there() -> None:
    claims = {each.claims for each in FAMILIES if each.name.startswith("MS")}
    assert claims == {87e3, 322e3, 2.3e6, 17.4e6}


def test_counting_on_no_device_is_counting() -> None:
    settings = Settings.from_mapping({"USE_DELTA": True, "FLATTEN_MODE": "attn"})
    assert parameter_count(settings) == sum(p.numel() for p in SeriesModel(settings).parameters())


def test_each_family_scales_one_thing_from_one_base() -> None:
    base = BY_NAME["MS2"].settings()
    widths, windows, features = [], {base.TRAIN_WINDOWS}, {base.FEATURES}
    for name, each in BY_NAME.items():
        s = each.settings()
        if name.startswith("MS"):
            widths.append(s.TRANSFORMER_D_MODEL)
            assert (s.TRAIN_WINDOWS, s.FEATURES) == (base.TRAIN_WINDOWS, base.FEATURES)
        elif name.startswith("DS"):
            windows.add(s.TRAIN_WINDOWS)
            assert s == replace(base, TRAIN_WINDOWS=s.TRAIN_WINDOWS)
        else:
            features.add(s.FEATURES)
            assert s == replace(BY_NAME["MS3"].settings(), FEATURES=s.FEATURES)
    assert widths == sorted(set(widths)) and len(widths) == 4
    assert len(windows) == 4 and len(features) == 2


@pytest.mark.parametrize("wrong", [1.02, 0.98, 2.0])
def test_a_wrong_claim_is_refused_with_both_numbers(wrong: float) -> None:
    real = BY_NAME["MS1"].checked()
    lie = Scaled("MS1", round(real * wrong), BY_NAME["MS1"].changes)
    with pytest.raises(TrainerError) as caught:
        lie.checked()
    assert "MS1" in str(caught.value)
    assert re.findall(r"[\d,]{4,}", str(caught.value)) == [f"{lie.claims:,.0f}", f"{real:,}"]


@pytest.mark.parametrize("nearly", [1.009, 0.991])
def test_a_claim_within_one_per_cent_is_true(nearly: float) -> None:
    real = BY_NAME["MS1"].checked()
    assert Scaled("MS1", real * nearly, BY_NAME["MS1"].changes).checked() == real


def test_what_is_written_is_read_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "configs" / "scaling"
    assert write_and_run(folder, run=False, only=None, device="cpu") == 0
    assert {path.name for path in folder.iterdir()} == {f"{name}.toml" for name in BY_NAME}
    lines = capsys.readouterr().out.splitlines()
    for (name, each), line in zip(BY_NAME.items(), lines, strict=True):
        found = Settings.from_toml(folder / f"{name}.toml")
        assert found == each.settings()
        assert line.startswith(f"{folder / name}.toml: {real_count(found):,} parameters ")
        assert f"{found.TRAIN_WINDOWS:,} windows, {found.FEATURES} features" in line


def test_only_those_named_are_written(tmp_path: Path) -> None:
    write_and_run(tmp_path, run=False, only=["FS1", "MS1"], device="cpu")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["FS1.toml", "MS1.toml"]


def test_an_unknown_name_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with pytest.raises(TrainerError) as caught:
        write_and_run(folder, run=False, only=["MS1", "MS9"], device="cpu")
    assert str(caught.value) == f"unknown configuration MS9; there are {', '.join(BY_NAME)}"
    assert not folder.exists()


def test_a_wrong_claim_is_found_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lie = Scaled("LIE", 1e6, BY_NAME["MS1"].changes)
    monkeypatch.setattr("trainer.scaling.FAMILIES", (BY_NAME["MS1"], lie))
    with pytest.raises(TrainerError, match=r"LIE claims 1,000,000 parameters"):
        write_and_run(tmp_path / "new", run=False, only=None, device="cpu")
    assert not (tmp_path / "new").exists()


def test_asking_for_it_trains_each_in_its_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = {"TRAIN_WINDOWS": 32, "VAL_WINDOWS": 16, "TRAIN_BATCH": 16, "VAL_BATCH": 16}
    small = data | {"TRANSFORMER_D_MODEL": 8, "MAX_EPOCHS": 2, "TRANSFORMER_LAYERS": 1}
    one = Scaled("ONE", 1.0, small)
    one = Scaled("ONE", parameter_count(one.settings()), small)
    monkeypatch.setattr("trainer.scaling.FAMILIES", (one,))
    assert write_and_run(tmp_path, run=True, only=None, device="cpu") == 0
    log = (tmp_path / "ONE" / "run.log").read_text(encoding="utf-8")
    assert "\nE01 |" in log and "\nE02 |" in log and "\nE03 |" not in log
