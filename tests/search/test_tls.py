"""A cluster that speaks TLS alone, with certificates of its own, by the settings that docs/cluster.md shows."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from inklings.search import open_study
from search.dask_processes import DaskProcesses

pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl, to make certificates"),
]
CLUSTER_PAGE = Path(__file__).parents[2] / "docs/cluster.md"
SPACE = 'network = "mlp"\nhidden_units = [5, 10, 20]\nepochs = 2\n'


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make_settings(folder):
    """Make an authority, a certificate for this machine, and the settings that are documented; return the folder."""
    folder.mkdir()
    new = "-newkey", "rsa:2048", "-nodes", "-days", "2"
    openssl(folder, "req", "-x509", *new, "-keyout", "ca-key.pem", "-out", "ca.pem", "-subj", "/CN=tests")
    openssl(folder, "req", *new[:-2], "-keyout", "node-key.pem", "-out", "node.csr", "-subj", "/CN=127.0.0.1")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    ca = "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial"
    openssl(folder, "x509", "-req", "-in", "node.csr", *ca, "-days", "2", "-out", "node.pem", "-extfile", "names")
    shown = re.search(r"```yaml\n(distributed:.*?)```", CLUSTER_PAGE.read_text(), re.DOTALL)[1]
    (folder / "inklings.yaml").write_text(re.sub(r"[\w-]+\.pem", lambda name: str(folder / name[0]), shown))
    return folder


def search(folder, address, settings, out="study"):
    command = [sys.executable, "-m", "inklings", "search", "space.toml", "--cluster", address, "--out", out]
    path = os.pathsep.join(filter(None, sys.path))
    environment = {**os.environ, "PYTHONPATH": path, "DASK_CONFIG": str(settings)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def test_a_search_on_a_cluster_with_tls_needs_a_certificate_of_its_authority(tmp_path, monkeypatch):
    own, others = make_settings(tmp_path / "own"), make_settings(tmp_path / "others")
    (tmp_path / "space.toml").write_text(SPACE)
    monkeypatch.setenv("DASK_CONFIG", str(own))
    with DaskProcesses(2, "tls") as cluster:
        done = search(tmp_path, cluster.address, own)
        assert done.returncode == 0, done.stderr
        study = open_study(tmp_path / "study")
        assert [str(trial.state) for trial in study.trials] == ["finished"] * 3
        assert all(trial.worker.startswith("tls://") for trial in study.trials)
        for settings, told in ((others, "certificate"), (tmp_path, "for which Dask has no settings")):
            refused = search(tmp_path, cluster.address, settings, "refused")
            assert (refused.returncode, refused.stderr.count("\n")) == (7, 1), refused.stderr
            assert told in refused.stderr
