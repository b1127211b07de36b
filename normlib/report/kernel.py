"""The kernel of a batch: IPython's own, confined, and with the same seeds every time.

Started as ``python -m normlib.report.kernel -f CONNECTION_FILE``.
"""

import os
from typing import Any

from normlib.report.confine import limit_memory, refuse_network, reset_seeds

MEMORY = "NORMLIB_MEMORY_MB"
SEEDS = "__import__('normlib.report.kernel', fromlist=['*']).seed_before_first_cell(get_ipython())"


def seed_before_first_cell(shell: Any) -> None:
    """Reset the seeds when the first cell is about to run: the kernel itself draws one before."""

    def once(info: object) -> None:
        shell.events.unregister("pre_run_cell", once)
        reset_seeds()

    shell.events.register("pre_run_cell", once)


def main() -> None:
    """Run a kernel until it is told to stop."""
    from ipykernel.kernelapp import launch_new_instance
    from traitlets.config import Config

    refuse_network()
    if MEMORY in os.environ:
        limit_memory(int(os.environ[MEMORY]))
    launch_new_instance(config=Config({"IPKernelApp": {"exec_lines": [SEEDS]}}))


if __name__ == "__main__":
    main()
