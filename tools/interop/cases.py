"""Runs checks one after the other, and ends the process with what became of them."""

import sys
import traceback


def run(cases):
    """Runs pairs of a name and a check, which takes nothing and fails by raising. No check at all is a failure, too."""
    passed = failed = 0
    for name, check in cases:
        try:
            check()
            passed += 1
            print(f"ok      {name}", flush=True)
        except Exception as error:  # a case that breaks must not hide the others
            failed += 1
            print(f"FAILED  {name}: {error}", flush=True)
            if not isinstance(error, AssertionError):
                traceback.print_exc()
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0 or passed == 0)
