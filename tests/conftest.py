import signal

# A script's background job has Ctrl-C ignored, and so would all that it starts; tests of interruptions need it noticed.
signal.signal(signal.SIGINT, signal.default_int_handler)
