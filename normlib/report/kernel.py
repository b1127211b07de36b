"""The kernel of a batch: IPython's own, confined, and with the same seeds every time.

Started as ``python -m normlib.report.kernel -f CONNECTION_FILE``.
"""

import os

from normlib.report.confine import limit_memory, refuse_network

MEMORY = "NORMLIB_MEMORY_MB"
SEEDS = "__import__('normlib.report.confine', fromlist=['*']).reset_seeds()"


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
