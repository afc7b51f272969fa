"""Pictures of a folder, found by whatever a table calls them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from inklings.data.readers.class_list import nfc
from inklings.data.readers.parts import part_of


class PictureIndex:
    """Pictures, found by whatever a table may call them.

    Parameters
    ----------
    names : sequence of str
        The pictures' relative names, with ``/`` between folders.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._paths = [nfc(name).split("/") for name in names]
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._by_stem: dict[str, list[int]] = defaultdict(list)
        for number, path in enumerate(self._paths):
            self._by_name[path[-1].casefold()].append(number)
            self._by_stem[_stem(path[-1]).casefold()].append(number)

    def find(self, text: str) -> int | None:
        """Return the number of the picture that a text names; None if there is none, or several might be meant.

        The text may be a relative, an absolute or a Windows path, with or without the file's ending. Of pictures of the
        same name in several folders, the one whose folders agree most counts.
        """
        wanted = [part for part in nfc(text).replace("\\", "/").split("/") if part not in ("", ".")]
        if not wanted:
            return None
        # By the whole name first; without its ending only where no file is called so.
        found = self._by_name.get(wanted[-1].casefold()) or self._by_stem.get(wanted[-1].casefold()) or []
        ranked = sorted(((self._agreement(number, wanted), number) for number in found), reverse=True)
        ranked = [each for each in ranked if each[0] > 0]
        # Two that agree as much: either may be meant.
        if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
            return None
        return ranked[0][1]

    def _agreement(self, number: int, wanted: Sequence[str]) -> int:
        """Return how many last parts of two paths agree, doubled, and one more if even their case does."""
        path = self._paths[number]
        pairs = list(zip(reversed(path[:-1]), reversed(wanted[:-1]), strict=False))
        agreeing = 0
        for one, other in pairs:
            if one.casefold() != other.casefold():
                ours, theirs = part_of(one), part_of(other)
                # train/1.png is never test/1.png, though only one of the two is there.
                if ours and theirs and ours[0] != theirs[0]:
                    return 0
                break
            agreeing += 1
        # Folders count for two, the case of the name for one: it decides only between equals.
        return 2 * (agreeing + 1) + (path[-1] == wanted[-1])


def _stem(name: str) -> str:
    stem, dot, _ = name.rpartition(".")
    return stem if dot and stem else name
