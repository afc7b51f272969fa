"""Sound inputs, made small and on the spot, from which all others are changed: no corpus of files to keep."""

from __future__ import annotations

import gzip
import io
import json
import struct
import tarfile
import zipfile
from functools import cache

import numpy as np

IMAGES, SIDE = 24, 6


@cache
def images() -> np.ndarray:
    """Two dozen images of three classes that differ by where their bar is."""
    random = np.random.default_rng(0)
    pixels = random.integers(0, 60, (IMAGES, SIDE, SIDE)).astype(np.uint8)
    for row, label in enumerate(labels()):
        pixels[row, 2 * label : 2 * label + 2, 1:5] += 180
    return pixels


def labels() -> np.ndarray:
    return np.arange(IMAGES) % 3


def _saved(save, *arguments, **arrays) -> bytes:
    file = io.BytesIO()
    save(file, *arguments, **arrays)
    return file.getvalue()


def npz() -> list[bytes]:
    return [
        _saved(np.savez, images=images(), labels=labels()),
        _saved(
            np.savez_compressed,
            x_train=images()[:12],
            y_train=labels()[:12],
            x_test=images()[12:],
            y_test=labels()[12:],
        ),
    ]


def npy() -> list[bytes]:
    return [_saved(np.save, images()), _saved(np.save, np.asfortranarray(images().astype(">f4")))]


def idx() -> list[bytes]:
    content = struct.pack(">HBB3I", 0, 8, 3, IMAGES, SIDE, SIDE) + images().tobytes()
    return [content, gzip.compress(content)]


def mat() -> list[bytes]:
    from scipy.io import savemat

    cells = np.empty(3, object)
    cells[:] = [images()[labels() == label] for label in range(3)]
    return [
        _saved(savemat, {"X": images().reshape(IMAGES, -1), "y": labels()[:, None]}),
        _saved(savemat, {"X": images(), "y": labels()}, do_compression=True),
        _saved(savemat, {"data": {"images": images(), "labels": labels(), "names": ["a", "b", "c"]}}),
        _saved(savemat, {"X": images().reshape(IMAGES, -1).astype(float), "y": labels()[:, None]}, format="4"),
        _saved(savemat, {"classes": cells}),
    ]


def hdf5() -> list[bytes]:
    import h5py

    found = []
    for chunks in (None, True):
        file = io.BytesIO()
        with h5py.File(file, "w") as stored:
            stored.create_dataset("images", data=images(), chunks=chunks, compression="gzip" if chunks else None)
            stored.create_dataset("group/labels", data=labels())
            stored["names"] = np.array(["a", "b", "c"], h5py.string_dtype())
        found.append(file.getvalue())
    return found


def parquet() -> list[bytes]:
    import pyarrow
    import pyarrow.parquet

    flat = images().reshape(IMAGES, -1)
    wide = {"label": labels().astype(str), **{f"p{index}": flat[:, index] for index in range(SIDE * SIDE)}}
    cells = [{"bytes": png(image), "path": f"{row}.png"} for row, image in enumerate(images())]
    tables = [
        pyarrow.table(wide),
        pyarrow.table({"image": [row.tolist() for row in flat], "label": labels()}),
        pyarrow.table({"image": cells, "label": labels()}),
    ]
    return [_saved(lambda file, table: pyarrow.parquet.write_table(table, file), table) for table in tables]


def csv() -> list[bytes]:
    rows = [[label, *image.ravel().tolist()] for image, label in zip(images(), labels(), strict=True)]
    head = ",".join(["label", *(f"pixel{index}" for index in range(SIDE * SIDE))])
    plain = "\n".join([head, *(",".join(map(str, row)) for row in rows), ""])
    cells = "\n".join(["emotion,pixels", *(f'{row[0]},"{" ".join(map(str, row[1:]))}"' for row in rows), ""])
    sparse = "\n".join(f"{row[0]} " + " ".join(f"{at}:{value}" for at, value in enumerate(row[1:], 1)) for row in rows)
    decimal = plain.replace(",", ";").replace(";1", ";0,1")
    return [plain.encode(), gzip.compress(plain.encode()), cells.encode(), sparse.encode(), decimal.encode("utf-16")]


def png(pixels: np.ndarray, kind: str = "PNG", **options) -> bytes:
    from PIL import Image

    return _saved(Image.fromarray(pixels).save, kind, **options)


def pictures() -> list[bytes]:
    one = np.kron(images()[0], np.ones((6, 6), np.uint8))
    colour = np.stack([one, one.T, 255 - one], -1)
    kinds = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM", "AVIF")
    found = [png(colour if kind != "GIF" else one, kind) for kind in kinds]
    return [*found, png(one.astype(np.uint16) * 200), png(one, "TIFF", compression="tiff_lzw")]


def sheet() -> list[bytes]:
    return [
        png(np.vstack([np.hstack(list(images()[row * 6 : row * 6 + 6])) for row in range(4)]), kind)
        for kind in ("PNG", "BMP")
    ]


def archive() -> list[bytes]:
    zipped, tarred, packed = io.BytesIO(), io.BytesIO(), io.BytesIO()
    members = {f"set/{label}/{row}.png": png(images()[row]) for row, label in enumerate(labels())}
    with zipfile.ZipFile(zipped, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    for into, mode in ((tarred, "w"), (packed, "w:gz")):
        with tarfile.open(fileobj=into, mode=mode) as file:
            for name, content in members.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                file.addfile(entry, io.BytesIO(content))
    return [zipped.getvalue(), tarred.getvalue(), packed.getvalue()]


def label_tables() -> list[bytes]:
    names = [f"{row}.png" for row in range(IMAGES)]
    pairs = list(zip(names, map(int, labels()), strict=True))
    return [
        ("file,label\n" + "\n".join(f"{name},{label}" for name, label in pairs)).encode(),
        json.dumps(dict(pairs)).encode(),
        json.dumps([{"file": name, "label": label} for name, label in pairs]).encode(),
    ]


def findings() -> list[bytes]:
    rows = ["row,action,new_label,label,suggested,data", "1,remove,,1,,0f", "2,relabel,1,2,1,0f", "3,keep,,0,,0f"]
    return ["\n".join(rows).encode()]


NETWORK = {
    "input_shape": [SIDE, SIDE, 1],
    "layers": [
        {"layer": "Conv2D", "filters": 2, "kernel_size": 3, "padding": "same", "activation": "relu"},
        {"layer": "BatchNorm"},
        {"layer": "MaxPool2D", "pool_size": 2},
        {"layer": "Flatten"},
        {"layer": "Dropout", "rate": 0.2},
        {"layer": "Dense", "units": 3, "activation": "softmax", "weights": {"distribution": "uniform", "scale": 0.1}},
    ],
}
RECIPE = {
    "optimiser": "adam",
    "learning_rate": 0.01,
    "schedule": {"kind": "cosine", "final": 0.1, "warm_up": 2},
    "epochs": 2,
    "batch_size": 8,
    "l2": 0.001,
    "augmentation": {"shift": 1.0, "rotate": 5.0},
    "early_stopping": 2,
    "seed": 1,
}


def plans_json() -> list[bytes]:
    return [json.dumps({**NETWORK, "recipe": RECIPE}).encode()]


def plans_toml() -> list[bytes]:
    return [
        b"""input_shape = [6, 6, 1]
[[layers]]
layer = "Flatten"
[[layers]]
layer = "Dense"
units = "classes"
activation = "softmax"
[recipe]
optimiser = "adam"
learning_rate = 1e-3
epochs = 3
[recipe.augmentation]
shift = 1.0
"""
    ]


def spaces() -> list[bytes]:
    return [
        b"""network = ["mlp", "softmax"]
hidden_units = [5, 20, [8, 4]]
dropout = [true, false]
learning_rate = { low = 1e-4, high = 1e-1, log = true }
optimiser = ["adam", "nesterov"]
momentum = { low = 0.0, high = 0.9, step = 0.1 }
batch_size = { low = 4, high = 32, log = true }
augment = ["none", "light"]
epochs = 2
repeats = 2
""",
        b"""kernel_size = [1, 3]
epochs = 2
[[layers]]
repeat = [0, 1, 2]
[[layers.block]]
layer = "Conv2D"
filters = [2, 4]
kernel_size = "$kernel_size"
[[layers.block]]
layer = "BatchNorm"
on = [true, false]
[[layers]]
layer = "Flatten"
[[layers]]
layer = "Dense"
units = "classes"
activation = "softmax"
""",
    ]
