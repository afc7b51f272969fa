import json

import pytest

from inklings import Conv2D, Flatten, GlobalPool, Network, NetworkError
from inklings.networks import network_from_plain, network_to_plain
from specimens import NETWORKS


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_comes_back_from_json(name):
    written = json.loads(json.dumps(network_to_plain(NETWORKS[name])))
    assert network_from_plain(written) == NETWORKS[name]


def test_a_choice_that_is_none_is_refused_with_those_there_are():
    written = network_to_plain(Network((6, 6, 1), (Conv2D(3), GlobalPool("max"))))
    written["layers"][1]["kind"] = "mean"
    with pytest.raises(NetworkError, match=r"layer 2 \(GlobalPool\).*'mean', expected 'average' or 'max'"):
        network_from_plain(written)


def test_layers_that_are_not_there_are_refused():
    with pytest.raises(NetworkError, match="'Flaten'; did you mean 'Flatten'"):
        network_from_plain({"input_shape": [2, 2, 1], "layers": [{"layer": Flatten.__name__.replace("tt", "t")}]})
