import io
import os
import shutil
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout

import pytest

# BLAS's threads wait for one another in busy loops: where tests run side by side, they would take many times the work.
# Set before NumPy is loaded, and handed on to the processes that tests start.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# A script's background job has Ctrl-C ignored, and so would all that it starts; tests of interruptions need it noticed.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory):
    """A folder where a network was trained on the bundled digits and saved, and what the command printed of it."""
    from inklings.cli import main

    folder, out = tmp_path_factory.mktemp("trained"), io.StringIO()
    command = "inklings train softmax --quiet --save digits.inkling --target-accuracy 0.9"
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(out):
        patch.chdir(folder)
        patch.setattr(sys, "argv", command.split())
        with pytest.raises(SystemExit) as ended:
            main()
    assert not ended.value.code, out.getvalue()
    return folder, out.getvalue()


@pytest.fixture
def digits_model(trained_once, tmp_path):
    """The test's own folder, with a copy of the model ``digits.inkling`` and of the run that it was saved from."""
    shutil.copytree(trained_once[0], tmp_path, dirs_exist_ok=True)
    return tmp_path
