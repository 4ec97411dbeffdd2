"""The command line of the trainer: one run, the list of scenarios, the scaling families.

Exit codes: 0 done, 2 the request cannot be met (one line on standard error), 130 and 143 stopped
by Ctrl-C and SIGTERM, with complete files.
"""

import importlib.util
import shutil
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainer.errors import TrainerError

if TYPE_CHECKING:
    from trainer.settings import Settings

app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def train(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(help="A TOML file of settings.")] = None,
    scenario: Annotated[str | None, typer.Option(help="A run whose truth is known.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on from this last.pt.")] = None,
    family: Annotated[str, typer.Option(help="The scenario's model.")] = "transformer",
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**31 - 1, help="Replaces the settings' SEED.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cuda or cpu.")] = "auto",
    out: Annotated[Path, typer.Option(help="Folder of everything that is written.")] = Path(),
    dialect: Annotated[str, typer.Option(help="Form of the run log: F2 or G.")] = "F2",
    part: Annotated[str, typer.Option(help="First word of the metrics file.")] = "part1",
) -> None:
    """Train the reference model and write its logs.

    One of --config, --scenario and --resume says what; without any, the default settings do.
    The run log is run.log, the diagnostics go to results/diagnostics (or $DIAGNOSTICS_DIR), the
    metrics of the letters task to output/<part>_training_metrics.json.
    """
    if context.invoked_subcommand is not None:
        return
    if sum(given is not None for given in (config, scenario, resume)) > 1:
        raise TrainerError("--config, --scenario and --resume exclude each other")
    from trainer import launch

    where = launch.Target(out, device, dialect, part)
    if scenario is not None:
        code = launch.run_scenario(scenario, family, seed or 0, where)
    elif resume is not None:
        if seed is not None:
            raise TrainerError("--resume keeps the seed of its run; --seed cannot change it")
        code = launch.resume_run(resume, where)
    else:
        code = launch.run_settings(_settings(config, seed), where)
    raise typer.Exit(code)


def _settings(config: Path | None, seed: int | None) -> "Settings":
    from trainer.settings import Settings

    found = Settings.from_mapping({}) if config is None else Settings.from_toml(config)
    return found if seed is None else Settings.from_mapping(found.printed() | {"SEED": seed})


@app.command()
def scenarios() -> None:
    """List the runs whose truth is known: what was done, what a diagnosis has to name."""
    from trainer.scenarios import SCENARIOS

    width = min(shutil.get_terminal_size((80, 24)).columns, 120)
    for each in SCENARIOS.values():
        print(f"{each.name}  ({each.kind})")
        told = [each.about]
        told += [f"names {' or '.join(each.expects)}"] if each.expects else []
        told += [f"must not name {', '.join(each.forbids)}"] if each.forbids else []
        for text in told:
            print(textwrap.fill(text, width, initial_indent="    ", subsequent_indent="      "))


@app.command()
def scale(
    out: Annotated[Path, typer.Option(help="Folder for the configurations.")] = Path(
        "configs/scaling"
    ),
    run: Annotated[bool, typer.Option("--run", help="Train them as well.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="Only these, by name.")] = None,
    device: Annotated[str, typer.Option(help="auto, cuda or cpu.")] = "auto",
) -> None:
    """Write the model-, data- and feature-scale configurations; check their sizes; train them."""
    from trainer import scaling

    raise typer.Exit(scaling.write_and_run(out, run=run, only=only, device=device))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    try:
        if importlib.util.find_spec("torch") is None:
            raise TrainerError("needs PyTorch: pip install 'logdiag[trainer]'")
        code = app(args=arguments, prog_name="python -m trainer", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except typer.TyperException as error:
        print(f"trainer: {error.format_message()}", file=sys.stderr)
    except TrainerError as error:
        print(f"trainer: {error}", file=sys.stderr)
    except (MemoryError, RuntimeError) as error:
        # PyTorch has no class of its own for a host that lacks memory.
        if isinstance(error, RuntimeError) and "memory" not in str(error):
            raise
        print(f"trainer: not enough memory: {str(error).splitlines()[0]}", file=sys.stderr)
    except (KeyboardInterrupt, typer.Abort):
        return 130
    return 2
