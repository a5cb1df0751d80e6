"""ask_asyncio.py IP PORT [uvloop]: prints the answer, and who gave it."""
import asyncio
import sys


async def ask(ip, port):
    try:
        reader, writer = await asyncio.open_connection(ip, port)
    except OSError as e:
        sys.exit(f"{type(e).__name__}: {e}")
    ip, port = writer.get_extra_info("peername")
    writer.write(b"who\n")
    print((await reader.read()).decode().strip())
    print(f"peer {ip}:{port}")
    writer.close()


if "uvloop" in sys.argv:
    import uvloop
    uvloop.install()
asyncio.run(ask(sys.argv[1], int(sys.argv[2])))
