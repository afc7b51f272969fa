"""The README as a package index has it: no link of it leads nowhere."""

import re
import shutil
from email import message_from_string
from pathlib import Path

import pytest

metadata = pytest.importorskip("hatchling.metadata.core")
ROOT = Path(__file__).parents[1]
URLS = '\n[project.urls]\nSource = "https://example.org/us/inklings"\n'


def long_description(folder, urls=""):
    """What goes into the package's metadata, from a copy of what that is made of."""
    from hatchling.plugin.manager import PluginManager

    for name in ("README.md", "hatch_readme.py", "LICENSE", "NOTICE", "src/inklings/__init__.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text() + urls)
    found = metadata.ProjectMetadata(str(folder), PluginManager())
    from hatchling.metadata.spec import construct_metadata_file_2_4

    return message_from_string(construct_metadata_file_2_4(found)).get_payload()


def test_without_a_public_address_it_is_as_it_is_here(tmp_path):
    assert long_description(tmp_path).strip() == (ROOT / "README.md").read_text().strip()


def test_with_one_every_picture_and_link_leads_to_a_file_of_this_version(tmp_path):
    from inklings import __version__

    text = long_description(tmp_path, URLS)
    targets = re.findall(r"(!?)\[[^\]]*\]\(([^)]+)\)", text)
    assert len(targets) > 20
    for picture, target in targets:
        begin = f"https://example.org/us/inklings/{'raw' if picture else 'blob'}/v{__version__}/"
        assert target.startswith(begin)
        assert (ROOT / target.removeprefix(begin)).exists()
    assert sum(bool(picture) for picture, _ in targets) == 6
