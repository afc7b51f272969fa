"""What is tried: everything that reads what somebody else wrote, each as a function of bytes.

A target returns, or raises an InklingsError: anything else is a fault. Its work is bounded (``Limits``), so that what
takes more time or memory than such a file may is a fault too.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import io
import json
import random
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

import click
import numpy as np

from fuzzing import seeds
from fuzzing.mutation import Mutator, mutate_bytes, mutate_json
from inklings import Recipe, RunStore, load, open_dataset
from inklings.errors import InklingsError
from inklings.networks import network_from_plain

LIMIT = 64 << 20
"""Bytes that data may take while they are fuzzed, in place of 4 GiB: what goes beyond shows at once."""


@dataclass(frozen=True)
class Target:
    """One way in.

    Parameters
    ----------
    run : callable
        Does with the bytes whatever the package does with them.
    seeds : callable
        Sound inputs.
    mutate : callable
        Changes one.
    growth : int
        Bytes by which the process may grow over one input.
    """

    run: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]
    mutate: Mutator = mutate_bytes
    growth: int = 4 * LIMIT


@cache
def workplace() -> Path:
    """A folder of this process, removed at its end; in memory where the system has such a one."""
    memory = Path("/dev/shm")
    folder = tempfile.TemporaryDirectory(prefix="inklings-fuzz-", dir=memory if memory.is_dir() else None)
    workplace.keep = folder  # type: ignore[attr-defined]
    return Path(folder.name)


def attempt(target: Target, content: bytes) -> None:
    """Try an input; what it raises is a fault, and so is a warning that nobody sees coming."""
    with warnings.catch_warnings(), contextlib.suppress(InklingsError, click.ClickException):
        warnings.simplefilter("error", RuntimeWarning)
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", FutureWarning)
        target.run(content)


def lower_limits(limit: int = LIMIT) -> None:
    """Let data take less memory than is allowed, in every module of this process that knows the limit."""
    for name, module in list(sys.modules.items()):
        if name.startswith("inklings.") and hasattr(module, "MAX_BYTES"):
            module.MAX_BYTES = limit  # type: ignore[attr-defined]
        if name == "inklings.data.readers.one_picture":
            module.MAX_PIXELS = limit // 64  # type: ignore[attr-defined]


def _file(name: str, content: bytes) -> Path:
    path = workplace() / name
    path.write_bytes(content)
    return path


def _data(name: str, *partners: tuple[str, Callable[[], bytes]], **options: object) -> Callable[[bytes], object]:
    """Return what opens a file as a data set, beside others that it needs."""

    def run(content: bytes) -> None:
        for partner, make in partners:
            _file(partner, make())
        path = _file(name, content)
        # What the bytes are decides what is asked of them, so that one input always means the same.
        choose = random.Random(content[:64])
        asked = {"size": choose.choice((None, 4, 8)), "drop_missing": choose.random() < 0.3, **options}
        open_dataset(path, **asked).split()

    return run


def _predict(content: bytes) -> None:
    model = load(_sound_model())
    from inklings.models import read_page, read_picture

    for read in (read_picture, read_page):
        with contextlib.suppress(InklingsError):
            read(model, content)
    model.predict_file(_file("picture.png", content))


def _folder_of_pictures(content: bytes) -> None:
    folder = workplace() / "folder"
    for label in "ab":
        (folder / label).mkdir(parents=True, exist_ok=True)
        for row in range(3):
            (folder / label / f"{row}.png").write_bytes(seeds.png(seeds.images()[row]))
    (folder / "a" / "x.png").write_bytes(content)
    open_dataset(folder, size=6, skip_damaged=len(content) % 2 == 1)


def _labels_beside(name: str) -> Callable[[bytes], object]:
    def run(content: bytes) -> None:
        folder = workplace() / f"listed-{Path(name).suffix[1:]}"
        folder.mkdir(exist_ok=True)
        if not (folder / "0.png").exists():
            for row, image in enumerate(seeds.images()):
                (folder / f"{row}.png").write_bytes(seeds.png(image))
        (folder / name).write_bytes(content)
        open_dataset(folder)

    return run


def _mending(content: bytes) -> None:
    from inklings.data.mending_table import read_mending

    read_mending(_file("findings.csv", content))


def _plan(suffix: str) -> Callable[[bytes], object]:
    from inklings.training.plans import read_plan

    def run(content: bytes) -> None:
        plan = read_plan(_file(f"plan{suffix}", content), (seeds.SIDE, seeds.SIDE, 1), 3)
        plan.network.table()
        assert Recipe.from_dict(plan.recipe.to_dict()) == plan.recipe
        plan.recipe.objective(plan.network, seeds.labels())

    return run


def _values(read: Callable[[dict[str, object]], object]) -> Callable[[bytes], object]:
    """Return what is given plain values, where bytes are JSON of some."""

    def run(content: bytes) -> None:
        values = _parsed(content)
        if isinstance(values, dict):
            read(values)

    return run


def _parsed(content: bytes) -> object:
    """Return what JSON holds; None where bytes are none, which is for others to refuse."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


@cache
def _trained() -> tuple[Path, Path]:
    """A model of the images, and the folder of the finished run that it is from."""
    data, store, model = _file("sound.npz", seeds.npz()[0]), workplace() / "sound", workplace() / "sound.inkling"
    command(["train", "softmax", "--data", str(data), "--epochs", "2", "--runs", str(store), "--save", str(model)])
    return model, RunStore(store).runs()[0].folder


def _sound_model() -> Path:
    return _trained()[0]


def _sound_run() -> Path:
    return _trained()[1]


def _resealed(path: Path, content: bytes, name: str) -> Path:
    """Write a file's arrays with other values under a checksum that is right, as whoever means harm would."""
    from inklings.storage import read_checksummed, write_checksummed

    arrays, _ = read_checksummed(path, "sound", InklingsError)
    target = workplace() / name
    write_checksummed(target, arrays, _parsed(content))
    return target


def _values_of(path: Path) -> bytes:
    from inklings.storage import read_checksummed

    return json.dumps(read_checksummed(path, "sound", InklingsError)[1]).encode()


def _use_model(path: Path) -> None:
    model = load(path)
    model._repr_html_()
    model.predict(seeds.images()[..., None] / 255, prepared=True)
    model.predict(seeds.images())
    _ = model.preparation, model.interpretation, model.threshold
    with contextlib.suppress(InklingsError):
        model.score_novelty(seeds.images()[..., None] / 255, prepared=True)


def _model_values(content: bytes) -> None:
    _use_model(_resealed(_sound_model(), content, "changed.inkling"))


def _run_with(name: str) -> Callable[[bytes], object]:
    """Return what puts bytes in place of one of a run's files, and does with the run whatever can be done."""

    def run(content: bytes) -> None:
        folder = workplace() / "store" / "run"
        shutil.rmtree(folder.parent, ignore_errors=True)
        shutil.copytree(_sound_run(), folder)
        if name == "checkpoint.safetensors":
            _resealed(_checkpoint(), content, "checkpoint.safetensors").replace(folder / name)
            facts = json.loads((folder / "run.json").read_text())  # only an unfinished run is gone on with
            (folder / "run.json").write_text(json.dumps({**facts, "stop_reason": "running"}))
        else:
            (folder / name).write_bytes(content)
        use_store(folder.parent)

    return run


def use_store(folder: Path) -> None:
    """List, show, compare, save, report and go on with the one run of a store, each as the command line does."""
    from inklings.lab.run_routes import _row

    store = RunStore(folder)
    store.damaged()
    json.dumps([_row(run) for run in store.runs()])
    often = [
        ["runs", "--runs", str(folder)],
        ["runs", "--runs", str(folder), "show", "run"],
        ["runs", "--runs", str(folder), "compare", "--anyway", "run", "run"],
    ]
    # These measure: each takes a third of a second.
    seldom = [
        ["runs", "--runs", str(folder), "compare", "run", "run"],
        ["runs", "--runs", str(folder), "save", "run", str(folder / "saved.inkling")],
    ]
    written = sum((folder / "run" / "run.json").read_bytes())
    for arguments in often + (seldom if written % 8 == 0 else []):
        with contextlib.suppress(InklingsError, click.ClickException):
            command(arguments)
    run = store.load("run")
    _ = run.network, run.recipe, run.plan, run.history, run.title, run.results, run.choices
    if run.checkpoint.exists():
        from inklings.training.checkpoints import Checkpoint

        checkpoint = Checkpoint.load(run.checkpoint)
        _ = checkpoint.epoch, checkpoint.step
        checkpoint.check(dict(checkpoint.origin))
        store.reopen(run)


def command(arguments: list[str]) -> None:
    """Run the command line's own code, and let its errors through."""
    from inklings.cli.main import app

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        app.main(arguments, prog_name="inklings", standalone_mode=False)


@cache
def _checkpoint() -> Path:
    from inklings.training.checkpoints import Checkpoint

    path = workplace() / "sound-checkpoint.safetensors"
    run = RunStore(_sound_run().parent).runs()[0]
    parameters = run.parameters
    origin = {"network": run.facts["network"], "recipe": run.facts["recipe"], "engine": "numpy, float32", "data": "0f"}
    state = {"count": np.array(3.0)}
    Checkpoint(origin, parameters, state, run.history, 1.5, np.zeros(2)).save(path)
    return path


def _space(content: bytes) -> None:
    """Read a space, try its corners, and draw from it, as a search does."""
    from inklings.search.made_spaces import check_without_images, find_space
    from inklings.search.plans import PlanMaker
    from inklings.search.samplers import make_sampler
    from inklings.training import DataFacts

    space = find_space(_file("space.toml", content))
    check_without_images(space, "loss")
    plans = PlanMaker(space, (seeds.SIDE, seeds.SIDE, 1), 3, DataFacts())  # type: ignore[arg-type] - no network's name
    plans.check("accuracy")
    plans.digest()
    sampler = make_sampler("random", space, 0)
    for number in range(min(3, sampler.count or 3)):
        plans.plan(sampler.propose(number), 0).network.table()


@cache
def _sound_study() -> Path:
    from inklings.search import run_search

    space = {"network": "softmax", "learning_rate": {"low": 0.01, "high": 0.1}, "batch_size": [4, 8], "epochs": 2}
    data = open_dataset(_file("sound.npz", seeds.npz()[0]))
    run_search(space, data, out=workplace() / "sound-study", trials=6, sampler="random", workers=1, choose=1)
    return workplace() / "sound-study"


def _study_with(name: str) -> Callable[[bytes], object]:
    """Return what puts bytes in place of one of a study's files, and shows the study in every way there is."""

    def run(content: bytes) -> None:
        from inklings import open_study
        from inklings.report import write_study_report

        folder = workplace() / "study"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for each in ("study.json", "trials.jsonl", "chosen.json"):
            (folder / each).write_bytes((_sound_study() / each).read_bytes())
        (folder / name).write_bytes(content)
        study = open_study(folder)
        repr(study), study._repr_html_(), study.ranked, study.runs.runs()
        if sum(content) % 16 == 0:  # it draws: each takes half a second or more
            write_study_report(study, runs=False)

    return run


def _stored_study(name: str) -> Callable[[], list[bytes]]:
    return lambda: [(_sound_study() / name).read_bytes()]


@cache
def _lab() -> object:
    from inklings.lab.access import Access
    from inklings.lab.app import build_app
    from inklings.lab.laboratory import Laboratory

    data = _file("sound.npz", seeds.npz()[0])
    laboratory = Laboratory(open_dataset(data).split(), RunStore(_sound_run().parent), {"name": str(data)})
    laboratory.add_model(_sound_model(), load(_sound_model()))
    atexit.register(laboratory.close)
    access = Access(frozenset({"127.0.0.1:8520"}), 8520)
    return build_app(laboratory, access), access, laboratory


def _lab_seeds() -> list[bytes]:
    from inklings.lab.app import ROUTES

    def fill(path: str) -> str:
        run = RunStore(_sound_run().parent).runs()[0].id
        id = "m1" if "models" in path else run if "runs" in path else "t1"
        return path.replace("{id}", id).replace("{name:path}", "lab.js").replace("{command}", "stop")

    wanted = {
        "network": {"layers": seeds.NETWORK["layers"]},
        "recipe": {"epochs": 2},
        "title": "a",
        "data": {"images": 9},
    }
    body = {"/api/trainings": wanted, "/api/trainings/{id}/{command}": {"epoch": 1}}
    found = []
    for route in ROUTES:
        for method in sorted({"GET", "POST"} & set(route.methods or ())):
            query = {"part": "test", "first": "0", "count": "4", "label": "1", "kind": "saliency", "class": "1"}
            asked = {
                "method": method,
                "path": fill(route.path),
                "query": query,
                "headers": {},
                "body": body.get(route.path),
            }
            found.append(json.dumps(asked).encode())
    return found


def _ask_lab(content: bytes) -> None:
    asked = _parsed(content)
    if not isinstance(asked, dict):
        return
    app, access, laboratory = _lab()  # type: ignore[misc]
    body, query, headers = (asked.get(name) for name in ("body", "query", "headers"))
    sent = np.zeros(seeds.SIDE**2, "<f4").tobytes() if body is None else json.dumps(body).encode()
    pairs = query.items() if isinstance(query, dict) else ()
    path = str(asked.get("path", "/")).encode("utf-8", "replace").decode()
    own = {"host": "127.0.0.1:8520", "origin": "http://127.0.0.1:8520", "cookie": f"{access.cookie}={access.token}"}
    own |= {str(name): str(value) for name, value in (headers.items() if isinstance(headers, dict) else ())}
    scope = {
        "type": "http",
        # A server reads it from bytes of ASCII: nothing else can arrive here.
        "method": str(asked.get("method", "GET")).encode("ascii", "replace").decode(),
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": "&".join(
            f"{quote(str(k).encode('utf-8', 'replace'))}={quote(str(v).encode('utf-8', 'replace'))}" for k, v in pairs
        ).encode(),
        "headers": [(k.lower().encode("latin-1", "replace"), v.encode("latin-1", "replace")) for k, v in own.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8520),
        "scheme": "http",
        "root_path": "",
        "http_version": "1.1",
    }
    asyncio.run(_ask(app, scope, sent))
    for training in laboratory.trainings.list():
        with contextlib.suppress(Exception):
            laboratory.trainings.command(training, "stop")


async def _ask(app: object, scope: dict[str, object], body: bytes) -> None:
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])
    answers: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        found = next(messages, None)
        if found is None:
            # A stream of events goes on until whoever listens leaves; anything else should have been answered.
            await asyncio.sleep(0.3 if str(scope["path"]).endswith("/events") else 60)
        return found or {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        answers.append(message)

    await app(scope, receive, send)  # type: ignore[operator]
    status = next((each["status"] for each in answers if each["type"] == "http.response.start"), None)
    assert status is not None, "no answer"
    assert int(str(status)) < 500, status


def _raw_model(content: bytes) -> None:
    _use_model(_file("raw.inkling", content))


def _json_seed(path: Callable[[], Path]) -> Callable[[], list[bytes]]:
    return lambda: [_values_of(path())]


TARGETS: dict[str, Target] = {
    "csv": Target(_data("data.csv"), seeds.csv),
    "npz": Target(_data("data.npz"), seeds.npz),
    "npy": Target(_data("x.npy", ("y.npy", lambda: seeds._saved(np.save, seeds.labels()))), seeds.npy),
    "idx": Target(_data("train-images-idx3-ubyte", ("train-labels-idx1-ubyte", lambda: _idx_labels())), seeds.idx),
    "mat": Target(_data("data.mat"), seeds.mat),
    "hdf5": Target(
        _data("data.h5", labels="group.labels"), seeds.hdf5, growth=9 << 30
    ),  # one text may claim 4 GiB before the library looks
    "parquet": Target(_data("data.parquet"), seeds.parquet),
    "archive": Target(_data("data.zip"), seeds.archive),
    "sheet": Target(_data("sheet.png", grid=(4, 6), labels="by-column=1"), seeds.sheet),
    "folder": Target(_folder_of_pictures, seeds.pictures),
    "picture": Target(_predict, seeds.pictures),
    "labels-csv": Target(_labels_beside("labels.csv"), lambda: seeds.label_tables()[:1]),
    "labels-json": Target(_labels_beside("labels.json"), lambda: seeds.label_tables()[1:], mutate_json),
    "findings": Target(_mending, seeds.findings),
    "plan-json": Target(_plan(".json"), seeds.plans_json, mutate_json),
    "plan-toml": Target(_plan(".toml"), seeds.plans_toml),
    "network": Target(_values(network_from_plain), lambda: [json.dumps(seeds.NETWORK).encode()], mutate_json),
    "recipe": Target(_values(Recipe.from_dict), lambda: [json.dumps(seeds.RECIPE).encode()], mutate_json),
    "model": Target(_raw_model, lambda: [_sound_model().read_bytes()]),
    "model-values": Target(_model_values, _json_seed(_sound_model), mutate_json),
    "run": Target(_run_with("run.json"), lambda: [(_sound_run() / "run.json").read_bytes()], mutate_json),
    "history": Target(
        _run_with("history.jsonl"),
        lambda: [(_sound_run() / "history.jsonl").read_bytes()],
        lambda c, r: _mutate_rows(c, r),
    ),
    "checkpoint": Target(_run_with("checkpoint.safetensors"), _json_seed(_checkpoint), mutate_json),
    "space": Target(_space, seeds.spaces),
    "study": Target(_study_with("study.json"), _stored_study("study.json"), mutate_json),
    "trials": Target(_study_with("trials.jsonl"), _stored_study("trials.jsonl"), lambda c, r: _mutate_rows(c, r)),
    "chosen": Target(_study_with("chosen.json"), _stored_study("chosen.json"), mutate_json),
    "lab": Target(_ask_lab, _lab_seeds, mutate_json),
}


def _idx_labels() -> bytes:
    import struct

    return struct.pack(">HBBI", 0, 8, 1, seeds.IMAGES) + seeds.labels().astype(np.uint8).tobytes()


def _mutate_rows(content: bytes, choose: random.Random) -> bytes:
    """Change one row of JSON, or the bytes of all."""
    rows = content.splitlines()
    if choose.random() < 0.2 or not rows:
        return mutate_bytes(content, choose)
    place = choose.randrange(len(rows))
    rows[place] = mutate_json(rows[place], choose)
    return b"\n".join(rows) + b"\n"


def inputs(target: Target, seed: int) -> Iterator[bytes]:
    """Yield the sound inputs, and then changed ones for ever."""
    sound = target.seeds()
    yield from sound
    choose = random.Random(seed)
    while True:
        yield target.mutate(choose.choice(sound), choose)
