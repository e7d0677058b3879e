"""Settings for all tests. ``HYPOTHESIS_PROFILE=explore`` looks at new random examples, at many more of them, and makes what fails small."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

_QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example, HealthCheck.filter_too_much]

settings.register_profile("steady", deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=_QUIET)
settings.register_profile("explore", deadline=None, database=None, print_blob=True, suppress_health_check=_QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def examples(number: int) -> int:
    """How many examples a property is tried on: ten times as many when exploring."""
    return number * 10 if os.environ.get("HYPOTHESIS_PROFILE") == "explore" else number
