"""Changes to sound inputs: of bytes wherever they are, and of the values that JSON holds.

A reader that refuses the first byte of noise is not tried by it. So inputs stay nearly right: what is changed is a
length, a type or a name, which gets past the first check and into the second.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**63,
    -(2**63) - 1,
    10**400,
    0.0,
    -0.5,
    1e-300,
    1e300,
    float("inf"),
    float("nan"),
    "",
    "0",
    "classes",
    "relu",
    "../../etc/passwd",
    "\x00",
    "\ud800",
    "\U0001f58b",
    "x" * 5000,
    [],
    {},
    [[]],
    [None],
    [0, 0],
    [1e300, "a"],
    {"": None},
    {"layer": "Dense"},
)
"""What stands where something else is expected: each of these was met by some parser as a surprise."""

ODD_BYTES = (
    b"\x00",
    b"\xff",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x80",
    b"\n",
    b",",
    b'"',
    b"1e999",
)

Mutator = Callable[[bytes, random.Random], bytes]


def mutate_bytes(content: bytes, choose: random.Random) -> bytes:
    """Return the content with one to four places changed, cut out, doubled or overwritten."""
    changed = bytearray(content)
    for _ in range(choose.randint(1, 4)):
        place = choose.randrange(len(changed) + 1)
        length = min(len(changed) - place, int(choose.paretovariate(0.7)))
        match choose.randrange(6):
            case 0:
                changed[place : place + length] = choose.randbytes(length)
            case 1:
                del changed[place : place + length]
            case 2:
                changed[place:place] = changed[place : place + min(length, 4096)]
            case 3:
                odd = choose.choice(ODD_BYTES)
                changed[place : place + len(odd)] = odd
            case 4 if place < len(changed):
                changed[place] ^= 1 << choose.randrange(8)
            case 5 if choose.random() < 0.3:
                del changed[place:]
    return bytes(changed[: 1 << 20])


def mutate_json(content: bytes, choose: random.Random) -> bytes:
    """Return the JSON with one to three of its values replaced, dropped, renamed or repeated."""
    try:
        root = [json.loads(content)]
        places = len(list(_places(root)))
    except (ValueError, RecursionError):
        places = 0
    if not 0 < places < 100_000:
        return mutate_bytes(content, choose)
    for _ in range(choose.randint(1, 3)):
        holder, key = choose.choice(list(_places(root)))
        match choose.randrange(6):
            case 0 | 1 | 2:
                holder[key] = deepcopy(choose.choice(ODD_VALUES))  # it may be changed further
            case 3:
                other, name = choose.choice(list(_places(root)))
                holder[key] = json.loads(json.dumps(other[name]))
            case 4 if isinstance(holder, dict):
                holder[choose.choice((key + "x", key.upper(), "", *holder))] = holder.pop(key)
            case 5 if holder is not root:
                del holder[key]
        if not root:
            root.append(None)
    return json.dumps(root[0]).encode()[: 1 << 20]


def _places(node: Any) -> Any:
    """Yield every place of a value within others: its list or dict, and its number or name there."""
    if not isinstance(node, list | dict):
        return
    for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
        yield node, key
        yield from _places(value)
