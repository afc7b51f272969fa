"""The well-known data sets: their names, mirrors, hashes and peculiarities."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from inklings.data.readers.idx import plain_name

_PARTS = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "{test}-images-idx3-ubyte", "{test}-labels-idx1-ubyte")


@dataclass(frozen=True)
class KnownData:
    """A data set that can be opened by name.

    Parameters
    ----------
    name : str
    title : str
        What it is, for people.
    mirrors : tuple of str
        URLs of folders that hold its files, tried in order.
    hashes : mapping of str to str
        The names of the files there, and the SHA-256 of each. One that ends in ``.zip`` holds the others.
    class_names : tuple of str
    prefix : str
        What the names of the four IDX files begin with.
    test : str
        What marks the test images in their names: ``t10k`` or ``test``.
    first_label : int
        The label of the first class in the file.
    transposed : bool
        Whether pixels are stored column by column.
    """

    name: str
    title: str
    mirrors: tuple[str, ...]
    hashes: Mapping[str, str] = field(repr=False)
    class_names: tuple[str, ...]
    prefix: str = ""
    test: str = "t10k"
    first_label: int = 0
    transposed: bool = False

    @property
    def file_names(self) -> tuple[str, ...]:
        """The four IDX files, compressed: training images and labels, test images and labels."""
        return tuple(f"{self.prefix}{part.format(test=self.test)}.gz" for part in _PARTS)

    def files_in(self, folder: Path) -> list[Path]:
        """List those of the four that are in a folder, compressed or not, up to the first missing one."""
        if not folder.is_dir():
            return []
        # In reverse, so that of a plain and a compressed copy the plain one stays.
        by_name = {plain_name(path): path for path in sorted(folder.iterdir(), reverse=True) if path.is_file()}
        names = [name.removesuffix(".gz") for name in self.file_names]
        found = list(itertools.takewhile(by_name.__contains__, names))
        return [by_name[name] for name in found]


_DIGITS = tuple("0123456789")
_CAPITALS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")

# From TensorFlow Datasets' tensorflow_datasets/url_checksums/{mnist,fashion_mnist,kmnist,emnist}.txt, which agree with
# torchvision's prototype of its data sets (MNIST, Fashion-MNIST, KMNIST).
_MNIST_HASHES = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
_FASHION_HASHES = {
    "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
}
_KMNIST_HASHES = {
    "train-images-idx3-ubyte.gz": "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
    "train-labels-idx1-ubyte.gz": "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
    "t10k-images-idx3-ubyte.gz": "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
    "t10k-labels-idx1-ubyte.gz": "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
}
_EMNIST_HASHES = {"gzip.zip": "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e"}
_EMNIST_MIRRORS = ("https://biometrics.nist.gov/cs_links/EMNIST/", "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/")

KNOWN = {
    known.name: known
    for known in (
        KnownData(
            "mnist",
            "70,000 handwritten digits",
            ("https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"),
            _MNIST_HASHES,
            _DIGITS,
        ),
        KnownData(
            "fashion-mnist",
            "70,000 pictures of clothes",
            (
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
                "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            ),
            _FASHION_HASHES,
            (
                *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
                *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
            ),
        ),
        KnownData(
            "kmnist",
            "70,000 handwritten hiragana of ten kinds",
            ("https://codh.rois.ac.jp/kmnist/dataset/kmnist/", "http://codh.rois.ac.jp/kmnist/dataset/kmnist/"),
            _KMNIST_HASHES,
            ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        ),
        KnownData(
            "emnist-letters",
            "145,600 handwritten letters, capitals and small letters together",
            _EMNIST_MIRRORS,
            _EMNIST_HASHES,
            _CAPITALS,
            prefix="emnist-letters-",
            test="test",
            first_label=1,
            transposed=True,
        ),
        KnownData(
            "emnist-balanced",
            "131,600 handwritten digits and letters, with small letters apart where they look different",
            _EMNIST_MIRRORS,
            _EMNIST_HASHES,
            # The eleven small letters that look unlike their capitals (Cohen and others, 2017).
            (*_DIGITS, *_CAPITALS, *"abdefghnqrt"),
            prefix="emnist-balanced-",
            test="test",
            transposed=True,
        ),
    )
}
"""The data sets by name."""
