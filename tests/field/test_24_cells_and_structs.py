"""MATLAB's cells and structs: pictures by class, one picture each, stacks, structs; of versions 7 and 7.3."""

import h5py
import numpy as np
import pytest
import scipy.io

from inklings.data import open_dataset
from inklings.errors import DataError, DataWarning


@pytest.fixture(scope="module")
def pictures():
    """Twelve bits-and-pieces of each of three classes, 20 x 16: no side is like another."""
    random = np.random.default_rng(0)
    images = np.zeros((36, 20, 16), np.uint8)
    images[:, 4:16, 4:12] = random.integers(0, 2, (36, 12, 8))
    return images, np.repeat([0, 1, 2], 12)


def cell(items, shape=None):
    made = np.empty(len(items), object)
    for number, item in enumerate(items):
        made[number] = item
    return made.reshape(shape or (len(items), 1))


def holds(dataset, images, labels):
    np.testing.assert_array_equal(dataset.images[..., 0], images)
    assert [dataset.class_names[label] for label in dataset.labels] == list(labels)
    return True


@pytest.mark.parametrize("by_column", [False, True])
def test_a_cell_of_pictures_by_class_takes_the_names_beside_it(by_column, pictures, tmp_path):
    images, labels = pictures
    grid = cell(list(images), (3, 12))
    content = {"dat": grid.T if by_column else grid, "classlabels": cell(list("ABC"), (1, 3)), "numclasses": 3}
    scipy.io.savemat(tmp_path / "alphadigs.mat", content)
    with pytest.warns(DataWarning, match=f"each {'column' if by_column else 'row'} of the cell dat"):
        dataset = open_dataset(tmp_path / "alphadigs.mat")
    assert holds(dataset, images, [("ABC")[label] for label in labels])


def test_empty_entries_of_a_cell_are_no_pictures(pictures, tmp_path):
    images, labels = pictures
    items = [*images[:24], *images[24:30], *[np.zeros((0, 0))] * 6]
    scipy.io.savemat(tmp_path / "ragged.mat", {"dat": cell(items, (3, 12)), "classlabels": cell(list("ABC"))})
    assert holds(open_dataset(tmp_path / "ragged.mat"), images[:30], [("ABC")[label] for label in labels[:30]])


def test_a_cell_of_one_picture_each_takes_the_labels_beside_it(pictures, tmp_path):
    images, labels = pictures
    scipy.io.savemat(tmp_path / "cells.mat", {"imgs": cell(list(images)), "labels": labels[:, None]})
    assert holds(open_dataset(tmp_path / "cells.mat"), images, map(str, labels))


def test_a_struct_array_of_pictures_and_labels(pictures, tmp_path):
    images, labels = pictures
    structs = np.zeros(36, dtype=[("img", object), ("label", object)])
    for number in range(36):
        structs[number] = (images[number], ("cat", "dog", "emu")[labels[number]])
    scipy.io.savemat(tmp_path / "structs.mat", {"data": structs})
    assert holds(open_dataset(tmp_path / "structs.mat"), images, [("cat", "dog", "emu")[label] for label in labels])


@pytest.mark.parametrize("stacked", ["n first", "n last", "cells"])
def test_a_struct_for_each_class_with_its_name_and_pictures(stacked, pictures, tmp_path):
    images, labels = pictures
    structs = np.zeros(3, dtype=[("name", object), ("images", object)])
    for number, name in enumerate(("cat", "dog", "emu")):
        mine = images[labels == number][: 12 - number]
        held = {"n first": mine, "n last": np.moveaxis(mine, 0, -1), "cells": cell(list(mine))}
        structs[number] = (name, held[stacked])
    scipy.io.savemat(tmp_path / "classes.mat", {"data": structs})
    rows = [*range(12), *range(12, 23), *range(24, 34)]
    expected = ["cat"] * 12 + ["dog"] * 11 + ["emu"] * 10
    assert holds(open_dataset(tmp_path / "classes.mat"), images[rows], expected)


def test_pictures_of_different_sizes_need_a_size(pictures, tmp_path):
    images, labels = pictures
    ragged = [image[: 20 - number % 3] for number, image in enumerate(images)]
    scipy.io.savemat(tmp_path / "sizes.mat", {"imgs": cell(ragged), "labels": labels[:, None]})
    with pytest.raises(DataError, match=r"the pictures in imgs have 3 sizes.*size=28"):
        open_dataset(tmp_path / "sizes.mat")
    assert open_dataset(tmp_path / "sizes.mat", size=20).images.shape == (36, 20, 20, 1)


def test_what_is_neither_numbers_nor_text_is_named(pictures, tmp_path):
    images, labels = pictures
    mixed = cell(["text", 3, images[0]])
    content = {"imgs": np.moveaxis(images, 0, -1), "labels": labels[:, None], "things": mixed}
    scipy.io.savemat(tmp_path / "mixed.mat", content)
    with pytest.warns(DataWarning, match=r"not used: things \(a cell of 3 x 1\)"):
        assert holds(open_dataset(tmp_path / "mixed.mat"), images, map(str, labels))


def write_v73(path, variables):
    """Write cells and text as MATLAB 7.3 does: references to arrays in #refs#, axes in reverse, text as codes."""
    with h5py.File(path, "w", userblock_size=512) as file:
        store = file.create_group("#refs#")

        def write(group, name, value):
            value = np.asarray(value)
            if value.dtype.kind == "O":
                references = np.empty(value.T.shape, h5py.ref_dtype)
                for place, item in np.ndenumerate(value.T):
                    references[place] = write(store, f"r{len(store)}", item).ref
                made, kind = group.create_dataset(name, data=references, dtype=h5py.ref_dtype), b"cell"
            elif value.dtype.kind == "U":
                codes = np.array([[ord(letter)] for letter in str(value)], np.uint16)
                made, kind = group.create_dataset(name, data=codes), b"char"
            else:
                made, kind = group.create_dataset(name, data=value.T), b"double"
            made.attrs["MATLAB_class"] = np.bytes_(kind)
            return made

        for name, value in variables.items():
            write(file, name, value)
    with path.open("r+b") as raw:
        raw.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")
    return path


def test_cells_of_version_73_are_the_same(pictures, tmp_path):
    images, labels = pictures
    names = cell(["ant", "bee", "cow"])
    path = write_v73(tmp_path / "grid.mat", {"dat": cell(list(images), (3, 12)), "classlabels": names, "by": "me"})
    assert holds(open_dataset(path), images, [("ant", "bee", "cow")[label] for label in labels])
    path = write_v73(tmp_path / "each.mat", {"imgs": cell(list(images)), "labels": labels[:, None]})
    assert holds(open_dataset(path), images, map(str, labels))


def test_a_cell_that_refers_to_itself_is_refused(tmp_path):
    path = tmp_path / "circle.mat"
    with h5py.File(path, "w") as file:
        made = file.create_dataset("dat", (1, 1), h5py.ref_dtype)
        made.attrs["MATLAB_class"] = np.bytes_(b"cell")
        made[0, 0] = made.ref
    with pytest.raises(DataError, match="cells within cells, more than 30 deep"):
        open_dataset(path)
