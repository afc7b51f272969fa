import atexit
import os
import shutil
import signal
import tempfile

# A script's background job has Ctrl-C ignored, and so would all that it starts; tests of interruptions need it noticed.
signal.signal(signal.SIGINT, signal.default_int_handler)

# What tests compile and calibrate is nobody's but theirs; processes that they start inherit it.
os.environ["INKLINGS_CACHE"] = tempfile.mkdtemp(prefix="inklings-tests-")
atexit.register(shutil.rmtree, os.environ["INKLINGS_CACHE"], ignore_errors=True)
