"""``inklings help``: short pages on what several commands share, and every command's own help."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from inklings.cli.command import Command
from inklings.serialise import did_you_mean

TOPICS: dict[str, tuple[str, str]] = {
    "data": (
        "What --data and DATA may be.",
        """\
A name: digits, digits28 (both bundled), mnist, fashion-mnist, kmnist, emnist-letters, emnist-balanced
(downloaded once), mine (drawings of the lab). Several with a plus between them: digits+mine.

Or a path: a folder of pictures with a sub-folder for each class; a ZIP or TAR of one; a CSV, Parquet, NPZ, NPY,
MATLAB, IDX, HDF5 or LIBSVM file; one picture that holds many (--grid). The format is found in the content.

What is decided about the meaning of pixels and labels is printed as a line that begins with "note:", together with
the option that overrides it, and is applied again by predict and evaluate.

    inklings data show mine.csv          what is in it
    inklings data check mine.csv         wrong labels, copies, odd images""",
    ),
    "networks": (
        "What NETWORK may be.",
        """\
A name that `inklings networks` lists (softmax, naive, mlp, cnn1, cnn2, best), the name of an opponent that is no
network (logistic, knn, forest, extra-trees, boosting, svm, hog-svm, patches), or a TOML or JSON file of your own:

    [[layers]]
    layer = "Flatten"

    [[layers]]
    layer = "Dense"
    units = "classes"        # as many as the data have
    activation = "softmax"

    [recipe]
    optimiser = "adam"
    epochs = 5

    inklings networks show mine.toml --data mine.csv    its layers, parameters and operations""",
    ),
    "recipe": (
        "How training is set.",
        """\
Everything about a training that is not the network: optimiser, learning rate, schedule, batch size, epochs or steps,
penalties, augmentation, early stopping, seed. Each named network brings a recipe of its own; what you type changes it:

    inklings train mlp --optimiser adamw --learning-rate 0.001 --epochs 30 --early-stopping 5

`inklings networks show NAME` prints the recipe, `inklings train --help` lists the settings. One that would change
nothing is refused. In a TOML file the table [recipe] has the same names, with underscores.""",
    ),
    "runs": (
        "Where trainings are kept.",
        """\
Each training is a folder in inklings-runs (or --runs FOLDER): run.json (network, recipe, data, split, seed, versions,
results), history.jsonl (an epoch a line), weights.safetensors. For an ID its first letters are enough.

    inklings runs                        all of them
    inklings runs show mlp               one, with its history
    inklings runs compare mlp cnn2       two, on the same test images
    inklings runs save mlp my.inkling    a model, for predict, evaluate and export
    inklings train --continue mlp        go on after an interruption""",
    ),
    "environment": (
        "Environment variables.",
        """\
INKLINGS_MODEL       the model that predict, read, evaluate, export and insight use where none is named
INKLINGS_RUNS        the folder of the stored runs, where --runs is not typed
INKLINGS_DATA        a folder with well-known data sets, or where to keep what is downloaded
NO_COLOR             no colours
OMP_NUM_THREADS      how many threads the native engine uses, at most
COLUMNS              the width that help and tables are wrapped to
_INKLINGS_COMPLETE   used by the shells' completion; see `inklings help completion`""",
    ),
    "completion": (
        "The Tab key.",
        """\
Commands, options, networks, data sets, ids of runs and files are completed once your shell is told:

bash  add to ~/.bashrc:   eval "$(_INKLINGS_COMPLETE=bash_source inklings)"
zsh   add to ~/.zshrc, after `autoload -Uz compinit && compinit`:
                          eval "$(_INKLINGS_COMPLETE=zsh_source inklings)"
fish  put into ~/.config/fish/completions/inklings.fish:
                          _INKLINGS_COMPLETE=fish_source inklings | source""",
    ),
    "json": (
        "What --json prints.",
        """\
One JSON value on standard output: an object, or of predict and doctor a list of objects. Keys are the library's names;
accuracies are fractions (0.95), times seconds, sizes bytes or counts; what is unknown is null. Notes, progress and
errors go to standard error; an error prints no JSON, and the exit code says what kind it is:

1 failed  2 usage  3 data  4 network  5 recipe  6 diverged  7 run, model or memory  8 package missing  130 interrupted

    inklings train softmax --json --quiet | jq .test""",
    ),
}
"""Each topic's line in the list, and its page."""


def _complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    lines = {**{name: line for name, (line, _) in TOPICS.items()}, **_commands()}
    return [CompletionItem(name, help=line) for name, line in lines.items() if name.startswith(incomplete)]


def _commands() -> dict[str, str]:
    from inklings.cli.main import COMMANDS

    return COMMANDS


@click.command(cls=Command, example="inklings help data\ninklings help train")
@click.argument("topic", required=False, shell_complete=_complete)
@click.argument("rest", nargs=-1, metavar="", shell_complete=_complete)
@click.pass_context
def help(context: click.Context, topic: str | None, rest: tuple[str, ...]) -> None:
    """Explain what several commands share: data, networks, recipe, runs, environment, completion, json.

    Without TOPIC, the topics are listed. TOPIC may also be a command, whose own help is shown.
    """
    if topic is None:
        widest = max(map(len, TOPICS))
        for name, (line, _) in TOPICS.items():
            click.echo(f"{name:<{widest}}  {line}")
        click.echo("\n`inklings help TOPIC` shows one, `inklings help COMMAND` a command's own help.")
    elif not rest and topic in TOPICS and topic not in ("data", "networks", "runs"):
        click.echo(TOPICS[topic][1])
    elif not rest and topic in TOPICS:
        click.echo(f"{TOPICS[topic][1]}\n\nThe command: inklings {topic} --help")
    else:
        click.echo(_help_of(context, (topic, *rest)))


def _help_of(context: click.Context, words: tuple[str, ...]) -> str:
    """Return the help of a command, or of a group's."""
    root = context.find_root()
    command, own = root.command, root
    for word in words:
        found = command.get_command(own, word) if isinstance(command, click.Group) else None
        if found is None:
            known = [*TOPICS, *_commands()]
            if isinstance(command, click.Group) and command is not root.command:
                known = command.list_commands(own)
            raise click.UsageError(f"no topic or command '{word}'; {did_you_mean(word, dict.fromkeys(known))}")
        command, own = found, click.Context(found, info_name=word, parent=own)
    return command.get_help(own)
