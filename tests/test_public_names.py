import importlib
import inspect
import sys
from pathlib import Path

import pytest

import inklings

TOOLS = Path(__file__).parents[1] / "tools" / "docs"


@pytest.fixture
def reference(monkeypatch):
    """What the site's reference has."""
    monkeypatch.syspath_prepend(TOOLS)
    yield importlib.import_module("reference")
    sys.modules.pop("reference")


@pytest.mark.parametrize("name", inklings.__all__)
def test_every_public_name_exists_and_is_explained(name):
    assert inspect.getdoc(getattr(inklings, name))


def test_every_public_name_of_every_part_is_explained_and_has_an_example(reference):
    assert reference.undocumented() == []


def test_every_part_has_a_page_in_the_reference(reference):
    assert {*inklings._ROOMS} <= {room.name for room in reference.ROOMS}


def test_every_name_of_the_package_is_on_the_page_of_its_part(reference):
    explained = {name for room in reference.ROOMS for name in room.names}
    assert {f"{home}.{name}" for name, home in reference.homes().items()} <= explained


def test_the_list_of_public_names_is_whole():
    assert sorted(inklings.__all__) == sorted(inklings._HOME_OF)


def test_an_unknown_name_is_refused_as_usual():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        inklings.nonsense  # noqa: B018
