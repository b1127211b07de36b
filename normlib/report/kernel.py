"""The kernel of a batch: IPython's own, without a way to the network.

Started as ``python -m normlib.report.kernel -f CONNECTION_FILE``.
"""

import socket
import sys
from typing import Any

_REACHES_OUT = ("socket.connect", "socket.sendto", "socket.sendmsg")
_LOOKS_UP = ("socket.getaddrinfo", "socket.gethostbyname")


def refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse, as an audit hook, every connection that could leave this machine.

    Raises
    ------
    PermissionError
        The running code looks up a host or opens a network connection.
    """
    if event in _LOOKS_UP or (
        event in _REACHES_OUT and arguments[0].family in (socket.AF_INET, socket.AF_INET6)
    ):
        raise PermissionError("a report is made from its data alone: no network in a batch")


def main() -> None:
    """Run a kernel until it is told to stop."""
    from ipykernel.kernelapp import launch_new_instance

    sys.addaudithook(refuse_network)
    launch_new_instance()


if __name__ == "__main__":
    main()
