"""The lab: a web page on this machine to draw, look inside networks and train them.

It answers on the loopback address alone unless told otherwise, and only whoever has the token of the printed address.
"""
