"""The data of both tasks: seeds, splits, transforms, normalisation, baselines, classes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install 'logdiag[trainer]'")

from torch import Generator, Tensor  # noqa: E402

from trainer import devices  # noqa: E402
from trainer.data import series  # noqa: E402
from trainer.data.letters import ALPHABET, Rotation, as_text, classes, make_letters  # noqa: E402
from trainer.data.series import SeriesData, make_series  # noqa: E402
from trainer.data.splits import Split, steps, unchanged  # noqa: E402
from trainer.settings import Settings  # noqa: E402
from trainer.tasks import LettersTask, SeriesTask, make_task  # noqa: E402

CPU = devices.choose("cpu")
SMALL: dict[str, Any] = {"TRAIN_WINDOWS": 300, "VAL_WINDOWS": 120}
Series = tuple[Tensor, Tensor]


def small(**more: object) -> Settings:
    return Settings.from_mapping(SMALL | more)


def drawn(split: Split, size: int = 64) -> Tensor:
    """All inputs of one pass in order, as a model gets them."""
    found: Tensor = torch.cat([x for x, _ in split.batches(size)])
    return found


def generator(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


# ---- seeds ------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [make_series, make_letters])
def test_a_seed_is_a_data_set(make: Callable[..., Any]) -> None:
    first, again, other = (make(small(SEED=seed), CPU) for seed in (3, 3, 4))
    for name in ("train", "val"):
        one, same, different = (getattr(data, name) for data in (first, again, other))
        assert torch.equal(one.inputs, same.inputs) and torch.equal(one.targets, same.targets)
        assert (one.inputs != different.inputs).float().mean() > 0.5
        assert not torch.equal(one.targets, different.targets)
        assert torch.equal(drawn(one), drawn(same))


# ---- transforms -------------------------------------------------------------------------------


def test_training_batches_are_jittered_and_validation_batches_are_not() -> None:
    data = make_series(small(AUGMENT_NOISE=0.15), CPU)
    before = {name: getattr(data, name).inputs.clone() for name in ("train", "val", "test")}
    noise = drawn(data.train) - data.train.inputs
    assert noise.ne(0).float().mean() > 0.99
    assert float(noise.std()) == pytest.approx(0.15, rel=0.05)
    assert abs(float(noise.mean())) < 0.01
    for split in (data.val, data.test):
        assert torch.equal(drawn(split), split.inputs)
    for name, inputs in before.items():
        assert torch.equal(getattr(data, name).inputs, inputs)


def test_the_transforms_differ_even_on_the_same_inputs() -> None:
    data = make_series(small(), CPU)
    as_training = data.train.replaced(data.val.inputs, data.val.targets)
    assert torch.equal(drawn(data.val), data.val.inputs)
    assert not torch.equal(drawn(as_training), data.val.inputs)


def test_the_jitter_is_new_in_every_pass_and_none_without_noise() -> None:
    data = make_series(small(), CPU)
    assert not torch.equal(drawn(data.train), drawn(data.train))
    quiet = make_series(small(AUGMENT_NOISE=0.0), CPU)
    assert torch.equal(drawn(quiet.train), quiet.train.inputs)


def test_the_jitter_is_switched_off_for_the_last_epochs() -> None:
    always = SeriesTask(small(MAX_EPOCHS=2), CPU)
    always.begin_epoch(2)
    assert not torch.equal(drawn(always.train), always.train.inputs)
    task = SeriesTask(small(MAX_EPOCHS=5, AUGMENT_OFF_LAST=2), CPU)
    jittered = []
    for epoch in (1, 2, 3, 4, 5, 1):
        task.begin_epoch(epoch)
        jittered.append(not torch.equal(drawn(task.train), task.train.inputs))
        assert torch.equal(drawn(task.val), task.val.inputs)
    assert jittered == [True, True, True, False, False, True]


def test_a_tasks_generators_repeat_its_transform() -> None:
    for task in (make_task(small(), CPU), make_task(small(TASK="letters"), CPU)):
        [own] = task.generators()
        state = own.get_state()
        first = drawn(task.train)
        own.set_state(state)
        assert torch.equal(drawn(task.train), first)


# ---- batches ----------------------------------------------------------------------------------


def test_a_pass_is_every_sample_once_with_its_target() -> None:
    inputs = torch.arange(10.0)
    split = Split(inputs, 2 * inputs, unchanged)
    order = generator(5)
    passes = [list(split.batches(4, order)) for _ in range(2)]
    for found in passes:
        assert [len(x) for x, _ in found] == [4, 4, 2]
        assert all(torch.equal(2 * x, y) for x, y in found)
        assert sorted(torch.cat([x for x, _ in found]).tolist()) == inputs.tolist()
    first, second = ([x.tolist() for x, _ in found] for found in passes)
    assert first != second
    assert [x.tolist() for x, _ in split.batches(4, generator(5))] == first
    assert torch.equal(drawn(split, 4), inputs)


@pytest.mark.parametrize(("batch", "count"), [(1, 10), (3, 4), (5, 2), (10, 1), (64, 1)])
def test_steps_are_the_batches_of_a_pass(batch: int, count: int) -> None:
    split = Split(torch.arange(10.0), torch.arange(10.0), unchanged)
    assert steps(split, batch) == count == len(list(split.batches(batch)))


# ---- windows ----------------------------------------------------------------------------------


def with_series(patch: pytest.MonkeyPatch, bend: Callable[[Tensor, Tensor], Series]) -> SeriesData:
    """The data as they would be if the series were what `bend` makes of it."""
    made = series._series

    def bent(settings: Settings, length: int, own: Any) -> Series:
        return bend(*made(settings, length, own))

    with patch.context() as here:
        here.setattr(series, "_series", bent)
        return make_series(small(), CPU)


def clock(features: Tensor, target: Tensor) -> Series:
    """Every figure of the series is the time, exact up to the normalisation."""
    time = torch.arange(len(target), dtype=torch.float64)
    return time[:, None].expand(-1, features.shape[1]), time


def times(data: SeriesData) -> dict[str, Series]:
    """The clock read from each split's windows and targets, to a common but unknown zero."""
    fit = torch.arange(SMALL["TRAIN_WINDOWS"] + 12, dtype=torch.float64)
    splits = {"train": data.train, "val": data.val, "test": data.test}
    return {
        name: (split.inputs * fit.std() + fit.mean(), split.targets * fit.std() + fit.mean())
        for name, split in splits.items()
    }


def test_a_window_ends_one_step_before_its_target(monkeypatch: pytest.MonkeyPatch) -> None:
    for windows, targets in times(with_series(monkeypatch, clock)).values():
        assert windows.shape[1:] == (12, 6)
        steps_back = torch.arange(12, 0, -1)[None, :, None].expand(windows.shape)
        torch.testing.assert_close(targets[:, None, None] - windows, steps_back.double())
        torch.testing.assert_close(targets.diff(), torch.ones(len(targets) - 1).double())


def test_splits_do_not_overlap_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    found = times(with_series(monkeypatch, clock))
    for earlier, later in (("train", "val"), ("val", "test")):
        assert float(found[later][0].min()) - float(found[earlier][1].max()) > 64
    assert {name: len(y) for name, (_, y) in found.items()} == {
        "train": SMALL["TRAIN_WINDOWS"],
        "val": SMALL["VAL_WINDOWS"],
        "test": SMALL["VAL_WINDOWS"],
    }


def test_no_window_is_in_two_splits() -> None:
    data = make_series(small(), CPU)
    splits = [data.train.inputs, data.val.inputs, data.test.inputs]
    for at, one in enumerate(splits):
        for other in splits[at + 1 :]:
            nearest = torch.cdist(one.flatten(1), other.flatten(1)).min()
            assert float(nearest) > 0.5


def test_statistics_come_from_the_training_part_only(monkeypatch: pytest.MonkeyPatch) -> None:
    border = SMALL["TRAIN_WINDOWS"] + 12

    def later_is_larger(features: Tensor, target: Tensor) -> Series:
        features, target = features.clone(), target.clone()
        features[border:] = 50 * features[border:] + 7
        target[border:] = 50 * target[border:] + 7
        return features, target

    plain = with_series(monkeypatch, lambda *both: both)
    bent = with_series(monkeypatch, later_is_larger)
    assert torch.equal(plain.train.inputs, bent.train.inputs)
    assert torch.equal(plain.train.targets, bent.train.targets)
    assert float(bent.val.targets.std()) == pytest.approx(50 * float(plain.val.targets.std()))
    assert float(bent.val.inputs.std()) > 20


def test_the_training_part_is_normalised(monkeypatch: pytest.MonkeyPatch) -> None:
    data = with_series(monkeypatch, lambda x, y: (40 * x + 3, 20 * y - 9))
    whole = torch.cat([data.train.inputs[0, :, -1], data.train.targets])
    assert float(whole.mean()) == pytest.approx(0, abs=1e-5)
    assert float(whole.std()) == pytest.approx(1, abs=1e-5)
    steps_seen = torch.cat([data.train.inputs[0], data.train.inputs[1:, -1]])
    torch.testing.assert_close(steps_seen.mean(0), torch.zeros(6), atol=0.02, rtol=0)
    torch.testing.assert_close(steps_seen.std(0), torch.ones(6), atol=0.02, rtol=0)


def test_the_last_feature_is_the_target_so_far() -> None:
    data = make_series(small(), CPU)
    for split in (data.train, data.val, data.test):
        torch.testing.assert_close(split.inputs[1:, -1, -1], split.targets[:-1])
    drivers = [f"driver_{i}" for i in range(5)]
    assert data.feature_names == (*drivers, "target_past")


# ---- baselines --------------------------------------------------------------------------------


def rmse(pairs: list[tuple[float, float]]) -> float:
    return math.sqrt(math.fsum((a - b) ** 2 for a, b in pairs) / len(pairs))


def test_baselines_are_those_of_the_raw_windows() -> None:
    data = make_series(small(SEED=2), CPU)
    train, val = data.train, data.val
    seen, asked = train.targets.tolist(), val.targets.tolist()
    mean = math.fsum(seen) / len(seen)
    last = {id(s): [w[-1][-1] for w in s.inputs.tolist()] for s in (train, val)}
    found = data.baselines
    assert found.train_mean == pytest.approx(rmse([(y, mean) for y in seen]), rel=1e-5)
    assert found.val_mean == pytest.approx(rmse([(y, mean) for y in asked]), rel=1e-5)
    pairs = list(zip(seen, last[id(train)], strict=True))
    assert found.train_persistence == pytest.approx(rmse(pairs), rel=1e-5)
    pairs = list(zip(asked, last[id(val)], strict=True))
    assert found.val_persistence == pytest.approx(rmse(pairs), rel=1e-5)
    assert len({found.train_mean, found.val_mean, found.val_persistence}) == 3


@pytest.mark.parametrize("inertia", [0.0, 0.998])
def test_inertia_decides_which_baseline_is_hard_to_beat(inertia: float) -> None:
    found = make_series(small(TARGET_INERTIA=inertia), CPU).baselines
    assert (found.val_persistence < 0.5 * found.val_mean) is (inertia > 0)


# ---- letters ----------------------------------------------------------------------------------


def counted(text: str) -> list[int]:
    return [min(text[:at].count(letter), 2) for at, letter in enumerate(text)]


def test_classes_are_counts_of_what_came_before() -> None:
    texts = torch.randint(len(ALPHABET), (60, 20), generator=generator())
    texts[:30] %= 4
    for row, found in zip(texts, classes(texts), strict=True):
        assert found.tolist() == counted(as_text(row))
    assert set(classes(texts).flatten().tolist()) == {0, 1, 2}


def test_a_text_by_hand() -> None:
    text = torch.tensor([[ALPHABET.index(letter) for letter in "hello  world  lll dd"]])
    assert as_text(text[0]) == "hello  world  lll dd"
    assert classes(text)[0].tolist() == [0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 2, 0, 2, 2, 2, 2, 2, 2, 1, 2]


def test_letters_are_what_the_task_says() -> None:
    data = make_letters(small(), CPU)
    assert sorted(ALPHABET) == sorted("abcdefghijklmnopqrstuvwxyz ")
    for split, count in ((data.train, 300), (data.val, 120)):
        assert split.inputs.shape == split.targets.shape == (count, 20)
        for row, found in zip(split.inputs, split.targets, strict=True):
            assert found.tolist() == counted(as_text(row))
        assert len(torch.unique(split.inputs)) == len(ALPHABET) == 27
        shares = torch.bincount(split.targets.flatten(), minlength=3) / split.targets.numel()
        assert shares.shape == (3,) and shares.min() > 0.15


def test_rotation_renames_letters_and_keeps_the_classes() -> None:
    data = LettersTask(small(TASK="letters"), CPU).data
    assert torch.equal(drawn(data.val), data.val.inputs)
    assert not torch.equal(drawn(data.train), data.train.inputs)
    for x, y in data.train.batches(64):
        assert torch.equal(classes(x), y)
        assert set(x.flatten().tolist()) <= set(range(len(ALPHABET)))
    texts = data.val.inputs
    shifts = (Rotation(generator(4))(texts) - texts) % len(ALPHABET)
    assert bool((shifts == shifts[:, :1]).all())
    assert len(torch.unique(shifts)) > 20
