"""How the numbers of a text table are written: 0,5 or 0.5 for a half, and 63,359 or 63.359 for thousands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from inklings.data.notes import Decision
from inklings.errors import DataError

_FEW_COLUMNS = 3
"""Where commas separate cells, fewer columns of quoted ones hold names such as "1,5", or lists of two."""
_BRIGHTEST = 65_535
"""Of a pixel of 16 bits."""
_POINTS_ONLY = r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+"
_OTHER = {",": ".", ".": ","}
_WORDS = {"true": "1", "false": "0"}


@dataclass(frozen=True)
class Notation:
    """Whether a comma or a point begins the decimals of numbers, and whether the other one groups thousands.

    Parameters
    ----------
    decimal : {".", ","}
    grouped : bool
    said : bool
        Whether that was said by the user, so that no note has to.
    undecided : mapping of int to str
        A cell that may be decimal or thousands, such as 63,359, of each column that has one. It is read as a decimal.
    words : bool
        Whether True and False are numbers, 1 and 0: in several columns of which one is True in each row.
    """

    decimal: str = "."
    grouped: bool = False
    said: bool = False
    undecided: dict[int, str] = field(default_factory=dict)
    words: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether Python reads the numbers as they stand."""
        return self.decimal == "." and not self.grouped and not self.words

    def as_python(self, cell: str) -> str:
        """Return a cell as Python writes the number that it is; any other cell as it stands."""
        if self.words and cell.lower() in _WORDS:
            return _WORDS[cell.lower()]
        if self.is_plain or not _marked(self.decimal, self.grouped).fullmatch(cell):
            return cell
        return self._rewrite(cell)

    def line_rewriter(self, delimiter: str) -> Callable[[str], str]:
        """Return a function that rewrites each cell of a line as :meth:`as_python` does, and leaves the rest alone."""
        if self.is_plain:
            return str
        if self.words:
            plain = replace(self, words=False).line_rewriter(delimiter)
            between = r"\s" if delimiter == " " else re.escape(delimiter)
            # Whole cells: a picture may be called true.png.
            whole = re.compile(rf'(?<![^{between}])[ ]*"?(true|false)"?[ ]*(?={between}|$)', re.IGNORECASE)
            return lambda line: whole.sub(lambda found: _WORDS[found[1].lower()], plain(line))
        number = _marked(self.decimal, self.grouped).pattern
        if delimiter == ",":
            # Within quotes, without which it would separate two cells; the number itself needs none.
            kinds = [f'"{number}"', *([_POINTS_ONLY] if self.decimal == "," and self.grouped else [])]
            cells = re.compile(rf"(?<![^,])[ ]*(?:{'|'.join(kinds)})[ ]*(?=,|$)")
            return lambda line: cells.sub(lambda found: self._rewrite(found[0].strip(' "')), line)
        separator = r"\s" if delimiter == " " else re.escape(delimiter)
        cells = re.compile(rf'(?<![^{separator}])[ ]*"?{number}(?="?[ ]*(?:{separator}|$))')
        return lambda line: cells.sub(lambda found: self._rewrite(found[0]), line)

    def _rewrite(self, text: str) -> str:
        if self.grouped:
            text = text.replace(_OTHER[self.decimal], "")
        return text.replace(self.decimal, ".")

    def notes(self) -> list[Decision]:
        """Return what was found out, where it is not the usual."""
        if self.said:
            return []
        if self.decimal == ",":
            return [Decision("numbers have decimal commas, so that 0,5 is a half")]
        return [Decision("commas group thousands, so that 1,234 is more than a thousand")] if self.grouped else []

    def refuse_undecided(self, used: Iterable[int], path: Path) -> None:
        """Refuse a table with numbers that may be decimal or thousands in columns that are used."""
        cell = next((self.undecided[column] for column in used if column in self.undecided), None)
        if cell is None:
            return
        mark = "," if "," in cell else "."
        ways = {_OTHER[mark]: cell.replace(mark, ""), mark: cell.replace(mark, ".")}
        raise DataError(
            f"holds {cell}, which is {ways['.']} if points begin decimals, and {ways[',']} if commas do",
            "say which",
            path=path,
            found=cell,
            suggested={"decimal": _OTHER[mark]},
        )


@cache
def _marked(decimal: str, grouped: bool) -> re.Pattern[str]:
    """Return a pattern of numbers that have a decimal comma, or groups of thousands.

    A number that only has a decimal point needs no rewriting and does not match.
    """
    decimals = rf"{re.escape(decimal)}\d+"
    groups = rf"[1-9]\d{{0,2}}(?:{re.escape(_OTHER[decimal])}\d{{3}})+(?:{decimals})?"
    kinds = [*([groups] if grouped else []), *([rf"\d*{decimals}"] if decimal == "," else [])]
    return re.compile(rf"[+-]?(?:{'|'.join(kinds)})(?:[eE][+-]?\d+)?")


_WITH_COMMA = _marked(",", True)
_WITH_POINT = _marked(".", True)


def find_notation(rows: Sequence[Sequence[str]], delimiter: str, decimal: str | None) -> Notation:
    """Find out how numbers are written, from the first rows of a table.

    Parameters
    ----------
    rows : sequence of sequence of str
        Trimmed; the first may be a header, and does not count.
    delimiter : str
    decimal : {".", ","} or None
        What the user says; the other one then groups thousands, where it stands before three digits.

    Raises
    ------
    DataError
        ``decimal`` is something else.
    """
    if decimal not in (None, ",", "."):
        expected = "a comma or a point"
        raise DataError(f"is {decimal!r}, expected {expected}", setting="decimal", found=decimal, expected=expected)
    return replace(_find_marks(rows, delimiter, decimal), words=_holds_one_hot_words(rows))


def _holds_one_hot_words(rows: Sequence[Sequence[str]]) -> bool:
    """Whether several columns hold True and False, one True in each row, as pandas' ``get_dummies`` writes classes."""
    width = min(map(len, rows[1:]), default=0)
    lower = [[cell.lower() for cell in row[:width]] for row in rows[1:]]
    columns = [column for column in range(width) if all(row[column] in _WORDS for row in lower)]
    return len(columns) > 1 and all([row[column] for column in columns].count("true") == 1 for row in lower)


def _find_marks(rows: Sequence[Sequence[str]], delimiter: str, decimal: str | None) -> Notation:
    """Find out what begins decimals, and whether thousands are grouped."""
    if decimal is not None:
        return Notation(decimal, grouped=True, said=True)
    cells = [(column, cell) for row in rows[1:] for column, cell in enumerate(row)]
    commas = [each for each in cells if "," in each[1] and decimal_of(each[1])]
    if len({column for column, _ in commas}) >= (_FEW_COLUMNS if delimiter == "," else 1):
        return _judge_commas(commas, [each for each in cells if "." in each[1]])
    return _judge_points([each for row in rows[1:] for each in enumerate(row[1:-1], 1)])


def _judge_commas(commas: list[tuple[int, str]], points: list[tuple[int, str]]) -> Notation:
    """Return the notation of a table that has numbers with commas: 0,5 are decimals, 1,234,567 and 1,234.5 thousands.

    Parameters
    ----------
    commas, points : list of (int, str)
        Cells of numbers that have a comma, and all cells that have a point, with their columns.
    """
    if not all(decimal_of(cell) == "." for _, cell in commas):
        # 0.25 beside 0,5 comes of files that were joined; 1.234 beside it is more than a thousand.
        pointed = [cell for _, cell in points if "," not in cell]
        return Notation(",", grouped=all(_WITH_COMMA.fullmatch(cell) for cell in pointed))
    columns = {column for column, _ in commas}
    decimal_points = [cell for column, cell in points if column in columns and not _WITH_COMMA.fullmatch(cell)]
    if any(map(is_number, decimal_points)) or not all(_WITH_COMMA.fullmatch(cell) for _, cell in commas):
        return Notation(grouped=True)
    return Notation(",", undecided=dict(reversed(commas)))


def _judge_points(cells: list[tuple[int, str]]) -> Notation:
    """Return the notation of a table without numbers that have a comma.

    Points group thousands where a number has several. They may do so where all stand before three digits and other
    numbers are whole and larger: as decimals, 1.234 beside 990 would be the smaller of the two. Not so 254.667 beside
    255, a mean of three bytes as spreadsheets write it: no pixel is as bright as 254,667.

    Parameters
    ----------
    cells : list of (int, str)
        Without the first and the last column, where identifiers and labels are.
    """
    dotted = [each for each in cells if "." in each[1] and (is_number(each[1]) or has_grouping_points(each[1]))]
    if not dotted or not all(has_grouping_points(cell) for _, cell in dotted):
        return Notation()
    if any(shows_grouping(cell) for _, cell in dotted):
        return Notation(",", grouped=True)
    whole = max((float(cell) for _, cell in cells if cell.isdecimal()), default=0)
    largest = max(abs(float(cell)) for _, cell in dotted)
    return Notation(undecided={} if surely_decimal(largest, whole) else dict(reversed(dotted)))


def surely_decimal(largest: float, whole: float) -> bool:
    """Whether points begin decimals in numbers such as 1.234, of which the largest is given, beside a whole number.

    As thousands they are a thousand times as much, which must be no more than a pixel can be.
    """
    return largest >= whole or 1000 * largest > _BRIGHTEST


def has_grouping_points(cell: str) -> bool:
    """Whether text is a number with points that may group thousands, such as 1.234 or 1.234,5."""
    return "." in cell and _WITH_COMMA.fullmatch(cell) is not None


def shows_grouping(cell: str) -> bool:
    """Whether points surely group thousands in such a number: there are several, or there is a comma besides."""
    return cell.count(".") > 1 or "," in cell


def decimal_of(cell: str) -> str | None:
    """Return what begins decimals, or would, in a number that Python does not take; None if it is no number.

    Alone among others without a mark, 1,234 is more likely thousands than a pixel between 1 and 2.
    """
    if _WITH_POINT.fullmatch(cell):
        return "."
    return "," if _WITH_COMMA.fullmatch(cell) else None


def is_number(cell: str) -> bool:
    """Whether text is a number; NaN and infinity are, as Python has it."""
    try:
        float(cell)
    except ValueError:
        return False
    # Python takes 1_000 for a thousand; in a table it is a name.
    return "_" not in cell
