"""Asks each member given as host:port for `srvr`, by a session of its own, as kazoo offers it, and prints their modes."""

import re
import sys

from kazoo.client import KazooClient

for member in sys.argv[1:]:
    client = KazooClient(hosts=member)
    client.start(timeout=10)
    answer = client.command(b"srvr")
    client.stop()
    client.close()
    print(member, re.search(r"Mode: (\S+)", answer).group(1))
