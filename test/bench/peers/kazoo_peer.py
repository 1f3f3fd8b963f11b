"""kazoo, the Python client: takes the bench's lines as load.ts says."""

import json
import resource
import sys
import time
from collections import deque

import kazoo
from kazoo.client import KazooClient

DATA = b"x" * 100


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def ask(client, work, path):
    if work == "get":
        return client.get_async(path)
    if work == "set":
        return client.set_async(path, DATA)
    if work == "create":
        return client.create_async(path, DATA)
    return client.delete_async(path)


def load(client, work, depth, count, path):
    single = work in ("get", "set")
    latencies = []
    under_way = deque()
    cpu = cpu_seconds()
    before = time.perf_counter()
    for i in range(count):
        if len(under_way) == depth:
            since, result = under_way.popleft()
            result.get()
            latencies.append(time.perf_counter() - since)
        since = time.perf_counter()
        under_way.append((since, ask(client, work, path if single else path + str(i))))
    for since, result in under_way:
        result.get()
        latencies.append(time.perf_counter() - since)
    seconds = time.perf_counter() - before
    cpu = cpu_seconds() - cpu
    latencies.sort()
    rank = lambda percent: latencies[max(0, -(-len(latencies) * percent // 100) - 1)] * 1e6
    return {"seconds": seconds, "cpu": cpu, "p50": rank(50), "p99": rank(99)}


def answer(value):
    print(json.dumps(value), flush=True)


client = KazooClient(hosts=sys.argv[1], timeout=600)
client.start()
answer({"version": kazoo.__version__ + ", Python " + sys.version.split()[0]})
for line in sys.stdin:
    work, depth, count, path = line.split()
    answer(load(client, work, int(depth), int(count), path))
client.stop()
