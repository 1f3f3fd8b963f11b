"""kazoo, the Python client: every znode below a path, children and Stat, many requests under way."""

import sys
from collections import deque

from kazoo.client import KazooClient

WINDOW = 1000

servers, root = sys.argv[1:]
client = KazooClient(hosts=servers, timeout=600)
client.start()
waiting = deque([root])
under_way = deque()
count = 0
while waiting or under_way:
    while waiting and len(under_way) < WINDOW:
        path = waiting.popleft()
        under_way.append((path, client.get_children_async(path, include_data=True)))
    path, result = under_way.popleft()
    children, _ = result.get()
    count += 1
    waiting.extend(path + "/" + name for name in children)
client.stop()
print(count)
