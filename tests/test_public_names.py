import inspect

import pytest

import inklings


@pytest.mark.parametrize("name", inklings.__all__)
def test_every_public_name_exists_and_is_explained(name):
    assert inspect.getdoc(getattr(inklings, name))


def test_the_list_of_public_names_is_whole():
    assert sorted(inklings.__all__) == sorted(inklings._HOME_OF)


def test_an_unknown_name_is_refused_as_usual():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        inklings.nonsense  # noqa: B018
