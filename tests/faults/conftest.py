# A script that stands beside what it imports; it is run by test_killed_ensembles.py.
collect_ignore = ["killed_ensembles.py"]
