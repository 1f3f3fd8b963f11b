"""kazoo as writer.ts says: one write after the other, a line for each accepted one."""

import logging
import sys

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException
from kazoo.handlers.threading import KazooTimeoutError

logging.disable(logging.CRITICAL)
servers, timeout, path = sys.argv[1:4]
client = KazooClient(hosts=servers, timeout=int(timeout) / 1000, randomize_hosts=False)
client.start()
while True:
    try:
        client.retry(client.set, path, b"x")
    except (KazooException, KazooTimeoutError):
        continue
    print(".", flush=True)
