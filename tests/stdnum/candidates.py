#!/usr/bin/env python3
"""Prints candidate values for the validators as JSON lines {"validator", "value", "valid"}.

`valid` is the word of an oracle that shares no code with Portcullis: python-stdnum where it has a module, and
otherwise a few lines of Python written from the specification (named `own_…`). The values are random and belong to nobody.

Each file of `formats/` has a dictionary `FORMATS`: the name of a validator → (maker of valid values, oracle, the places that may
be spoilt or None for all). Half of the candidates are spoilt in one character. Where oracle and validator may differ for a reason,
the oracle is wrapped in a function that says the reason and its source.

Usage: candidates.py [COUNT_PER_VALIDATOR]; the environment's SEED makes other values.
"""

import importlib.util
import json
import sys
from pathlib import Path

from common import R, SEED, judged, spoil

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 2000


def formats():
    """The formats of all files, each file with the same random numbers whatever stands in the others."""
    for path in sorted(Path(__file__).with_name("formats").glob("*.py")):
        spec = importlib.util.spec_from_file_location("format_" + path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        R.seed(f"{path.stem} {SEED}")
        yield from module.FORMATS.items()


def main():
    for name, (make, oracle, spoilable) in formats():
        for i in range(COUNT):
            value = make()
            if i % 2:
                changed = spoil(value)
                if spoilable is not None:
                    while next(k for k in range(len(value)) if value[k] != changed[k]) not in spoilable:
                        changed = spoil(value)
                value = changed
            print(json.dumps({"validator": name, "value": value, "valid": judged(oracle, value)}))


if __name__ == "__main__":
    main()
