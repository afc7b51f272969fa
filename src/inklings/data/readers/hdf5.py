"""Reading HDF5 by h5py: any file of that format, and MATLAB's files of version 7.3, which are such files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from inklings.data.readers.file_errors import MAX_VARIABLES, Claim, check_count, wrap_errors
from inklings.data.readers.hdf5_heap import check_heaps
from inklings.errors import DataError
from inklings.extras import importing

MAX_DEPTH = 30
"""Cells can refer to one another in a circle."""

LONGEST_TEXT = 1 << 16
"""Letters in a cell, where texts are names of classes or of files."""

MAX_ENTRIES = 100 * MAX_VARIABLES
"""Pictures in cells are more than variables may be."""


def read_hdf5_values(path: Path) -> tuple[dict[str, Any], bool]:
    """Read everything in an HDF5 file.

    Returns
    -------
    values : dict from str
        Arrays, and nested dicts of them for groups; cells are arrays of objects.
    matlab : bool
        Whether MATLAB wrote it, or its name says so.

    Raises
    ------
    MissingDependencyError
        h5py is not installed, or cannot be imported.
    DataError
        The file is damaged or claims too much.
    """
    need, otherwise = "a MATLAB 7.3 (HDF5) file needs the package h5py", "save it in MATLAB with -v7"
    with importing("h5py", need, "'inklings[matlab73]'", otherwise=otherwise, path=path):
        import h5py
    with wrap_errors(path, "MATLAB 7.3 (HDF5) file"):
        with path.open("rb") as raw:
            # The user's block in front of the HDF5 content, in which MATLAB writes its name.
            matlab = raw.read(10) == b"MATLAB 7.3"
        with h5py.File(path, "r") as file:
            values = _Hdf5(file, Claim(path), matlab).read(file)
    return values, matlab or path.suffix.lower() == ".mat"


class _Hdf5:
    """An open file and what it has claimed so far."""

    def __init__(self, file: Any, claim: Claim, matlab: bool) -> None:  # noqa: ANN401 - h5py has no types
        self.file, self.claim, self.matlab, self.entries = file, claim, matlab, 0
        self.checked = False

    def read(self, group: Any, depth: int = 0) -> dict[str, Any]:  # noqa: ANN401
        """Read a group and those within it."""
        if depth > MAX_DEPTH:
            raise DataError(f"holds groups within groups, more than {MAX_DEPTH} deep", path=self.claim.path)
        return dict(self._items(group, depth))

    def _items(self, group: Any, depth: int) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
        # All that a group claims is added up before any of it is read.
        for name, item in list(self._claimed(group)):
            yield name, self._value(item, depth)

    def _claimed(self, group: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
        for name in group:
            if isinstance(name, bytes):
                raise DataError(
                    f"holds a name that is not UTF-8, {name[:40]!r}", "rename it", path=self.claim.path, found=name
                )
            # #refs# and #subsystem# are MATLAB's own stores of what cells and objects refer to.
            if name.startswith("#"):
                continue
            item = self._item(group, name)
            if not hasattr(item, "items"):
                if not hasattr(item, "shape"):
                    continue  # a named type, which holds no values
                # As Python's integers: lengths that are claimed may overflow int64.
                self.claim.add(f"variable '{name}'", item.dtype.itemsize * int(np.prod(item.shape or (), dtype=object)))
            yield name, item

    def _item(self, group: Any, name: str) -> Any:  # noqa: ANN401
        """Return an entry of a group, which must lie in this file."""
        import h5py

        # Looked at as a link, without following it: whatever file it names would be opened.
        if isinstance(link := group.get(name, getlink=True), h5py.ExternalLink):
            raise self._elsewhere(f"'{name}'", link.filename)
        try:
            return group[name]
        except (KeyError, RuntimeError, OSError) as error:
            if not isinstance(link, h5py.SoftLink):
                raise
            raise DataError(
                f"'{name}' leads to nothing, or to itself, expected an array or a group",
                path=self.claim.path,
                found=name,
            ) from error

    def _check_within(self, item: Any) -> None:  # noqa: ANN401
        """Refuse an array whose values lie in other files: a stranger's file could show any that the user may read."""
        elsewhere = [entry[0] for entry in item.external or ()]
        if item.is_virtual:
            # "." is this file itself.
            elsewhere += [source.file_name for source in item.virtual_sources() if source.file_name != "."]
        if elsewhere:
            raise self._elsewhere(f"'{item.name}'", elsewhere[0])

    def _attribute(self, item: Any, name: str, otherwise: Any) -> Any:  # noqa: ANN401
        """Return an attribute's value."""
        if name in item.attrs and item.attrs.get_id(name).dtype.hasobject:
            self._check_heaps()
        return item.attrs.get(name, otherwise)

    def _check_heaps(self) -> None:
        """Check, once, what the library walks through for texts of variable length."""
        if not self.checked:
            check_heaps(Path(self.file.filename), self.file.id.get_create_plist().get_sizes()[1])
            self.checked = True

    def _elsewhere(self, what: str, file: str | bytes) -> DataError:
        # Of a long path the end names the file.
        name = file.decode("utf-8", "replace") if isinstance(file, bytes) else file
        return DataError(
            f"{what} lies in another file, {name[-80:]}, expected arrays in this one",
            "give that file, or copy the arrays into one",
            path=self.claim.path,
            found=name,
        )

    def _value(self, item: Any, depth: int) -> Any:  # noqa: ANN401
        """Read an array, a cell or a group."""
        import h5py

        if hasattr(item, "items"):
            return self.read(item, depth + 1)
        self._check_within(item)
        if item.dtype.hasobject:
            self._check_heaps()
        kind = self._attribute(item, "MATLAB_class", b"")
        if self._attribute(item, "MATLAB_empty", 0):
            # The file then holds the lengths of the axes, in place of values.
            return np.zeros([int(length) for length in item[()].reshape(-1)])
        # MATLAB writes its column-major arrays as they lie in memory, so HDF5 sees the axes in reverse.
        reverse = self.matlab or bool(kind)
        if h5py.check_ref_dtype(item.dtype) is h5py.Reference:
            references = item[()].T if reverse else item[()]
            cell = np.empty(references.shape, object)
            for place, reference in np.ndenumerate(references):
                cell[place] = self._follow(reference, depth)
            return cell
        if kind == b"char":
            # Codes of UTF-16, a text for each row.
            return np.array(["".join(map(chr, row)) for row in np.atleast_2d(item[()].T).tolist()])
        if item.dtype.kind == "O":
            return np.asarray(item.asstr()[()])
        named = h5py.check_enum_dtype(item.dtype)
        if named and item.dtype.kind in "iu":
            # Numbers to which the file itself gives names, as of classes.
            names = {number: name for name, number in named.items()}
            values = [names.get(number, str(number)) for number in item[()].reshape(-1).tolist()]
            return np.array(values).reshape(item.shape)
        return item[()].T if reverse and item.shape else np.asarray(item[()])

    def _follow(self, reference: Any, depth: int) -> Any:  # noqa: ANN401
        """Read what an entry of a cell refers to."""
        self.entries += 1
        check_count(self.claim.path, "entries of cells", self.entries, MAX_ENTRIES)
        if depth > MAX_DEPTH or not reference:
            raise DataError(
                f"holds cells within cells, more than {MAX_DEPTH} deep, or leading to nothing", path=self.claim.path
            )
        item = self.file[reference]
        if not hasattr(item, "items"):
            count = int(np.prod(item.shape or (), dtype=object))
            # A small file may refer to one long text many times, which takes 4 bytes a letter each time, and more as
            # it is read.
            if self._attribute(item, "MATLAB_class", b"") == b"char" and count > LONGEST_TEXT:
                raise DataError(
                    f"holds a text of {count:,} letters in a cell, expected at most {LONGEST_TEXT:,}, as names have",
                    path=self.claim.path,
                    found=count,
                )
            self.claim.add_to_total("the cells", item.dtype.itemsize * count)
        return self._value(item, depth + 1)
