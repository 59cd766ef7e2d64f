"""Runs tests as unittest does, and writes a line about each to a file: `python -m results FILE MODULE`.

A line is the module, the test in words, and `passed`, `failed` or `skipped`, with tabs between; `tests/sdk/grid.py` reads them.
"""

import faulthandler
import re
import sys
import unittest


def in_words(test):
    kind = re.sub(r"(?<!^)(?=[A-Z])", " ", type(test).__name__)
    return f"{kind} {test._testMethodName.removeprefix('test_')}".replace("_", " ").lower()


def result_class(path, module):
    class Results(unittest.TextTestResult):
        def note(self, test, outcome):
            with open(path, "a") as file:
                file.write(f"{module}\t{in_words(getattr(test, 'test_case', test))}\t{outcome}\n")

        def addSuccess(self, test):
            super().addSuccess(test)
            self.note(test, "passed")

        def addFailure(self, test, problem):
            super().addFailure(test, problem)
            self.note(test, "failed")

        def addError(self, test, problem):
            super().addError(test, problem)
            self.note(test, "failed")

        def addSubTest(self, test, subtest, problem):
            super().addSubTest(test, subtest, problem)
            if problem:
                self.note(test, "failed")

        def addSkip(self, test, reason):
            super().addSkip(test, reason)
            self.note(test, "skipped")

    return Results


if __name__ == "__main__":
    path, module = sys.argv[1:]
    # Seconds; then the stacks of what hangs are shown.
    faulthandler.dump_traceback_later(150, exit=True)
    runner = unittest.TextTestRunner(resultclass=result_class(path, module))
    unittest.main(module=module, argv=[module], testRunner=runner)
