"""The engine to read, in NumPy.

``layers.py`` has a forward and a backward function per layer, in one table; ``backpropagation.py`` goes through them;
``engine.py`` trains and predicts with that.
"""
