"""many.py IP PORT COUNT RATE: asks COUNT times, RATE a second, and tells how
many were answered, how many did not connect, and how many broke after that.
"""
import asyncio
import collections
import sys


async def ask(ip, port):
    try:
        reader, writer = await asyncio.open_connection(ip, port)
    except OSError as e:
        print(type(e).__name__, e, file=sys.stderr)
        return "unconnected"
    try:
        writer.write(b"who\n")
        return "answered" if await reader.read() else "broken"
    except OSError:
        return "broken"
    finally:
        writer.close()


async def ask_all(ip, port, count, rate):
    asking = []
    for _ in range(count):
        asking.append(asyncio.create_task(ask(ip, port)))
        await asyncio.sleep(1 / rate)
    return collections.Counter(await asyncio.gather(*asking))


outcomes = asyncio.run(ask_all(sys.argv[1], *map(int, sys.argv[2:])))
print(*(outcomes[word] for word in ("answered", "unconnected", "broken")))
