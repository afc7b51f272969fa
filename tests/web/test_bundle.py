"""Modules as one script mean what they mean as modules."""

import json
import shutil
import subprocess

import pytest

from inklings.report.page_assets import page_script
from inklings.web.bundle import bundle_modules

NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None, reason="no Node.js is installed")
def test_every_module_runs_once_before_those_that_need_it():
    modules = {
        "views/a.js": 'import { add, Counter as Count } from "../parts/b.js";\n'
        'import { base } from "../parts/c.js";\nconsole.log(JSON.stringify([add(1), new Count().next(), base]));',
        "parts/b.js": 'import { base } from "./c.js";\nexport function add(value) { return base + value; }\n'
        "export class Counter { next() { return add(2); } }",
        "parts/c.js": "export const base = (globalThis.times = (globalThis.times || 0) + 1) * 40;",
    }
    script = bundle_modules("views/a.js", modules.__getitem__)
    found = subprocess.run([NODE, "-e", script], capture_output=True, text=True, check=True)
    assert json.loads(found.stdout) == [41, 42, 40]


@pytest.mark.parametrize(
    "line", ['import * as all from "./b.js";', "export default 1;", 'const late = import("./b.js");']
)
def test_a_form_that_is_not_understood_is_refused_by_name(line):
    with pytest.raises(ValueError, match=r"a\.js has"):
        bundle_modules("a.js", {"a.js": line}.__getitem__)


def test_modules_that_need_one_another_in_a_circle_are_refused():
    modules = {
        "a.js": 'import { b } from "./b.js";\nexport const a = b;',
        "b.js": 'import { a } from "./a.js";\nexport const b = a;',
    }
    with pytest.raises(ValueError, match=r"a\.js > b\.js > a\.js"):
        bundle_modules("a.js", modules.__getitem__)


def test_the_reports_script_cannot_end_its_own_element():
    script = page_script()
    assert "</script" not in script
    assert not any(line.startswith(("import ", "export ")) for line in script.splitlines())
