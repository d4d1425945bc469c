"""Has one connection with the library websockets, as a client or as a server.

    python3 websocket_peer.py connect|listen URL|- deflate|plain PROTOCOL...

Does what the lines of its input say, and tells what happens in lines of JSON.
It ends with its input.
"""

import asyncio
import base64
import json
import sys

try:
    import websockets
except ImportError:
    sys.exit(
        "This Python has no websockets. "
        "Install it (Debian: apt-get install python3-websockets)"
    )


def tell(**event):
    """Writes a line of output."""
    print(json.dumps(event), flush=True)


async def await_pong(socket, payload):
    """Sends a ping, and tells of its pong."""
    await (await socket.ping(payload))
    tell(pong=payload)


async def obey(socket, orders):
    """Does what the input says, until it ends."""
    pings = set()
    while line := await orders.readline():
        order = json.loads(line)
        if "text" in order:
            await socket.send(order["text"])
        elif "binary" in order:
            await socket.send(base64.b64decode(order["binary"]))
        elif "ping" in order:
            pings.add(asyncio.create_task(await_pong(socket, order["ping"])))
        else:
            await socket.close(*order["close"])


async def read(socket):
    """Tells of each message, and of the end."""
    tell(open=socket.subprotocol or "")
    try:
        while True:
            message = await socket.recv()
            if isinstance(message, str):
                tell(text=message)
            else:
                tell(binary=base64.b64encode(message).decode())
    except websockets.ConnectionClosed:
        await socket.wait_closed()
        tell(closed=[socket.close_code, socket.close_reason])


async def main(role, url, compression, *protocols):
    """Has the connection."""
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader(limit=2**20)
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(orders), sys.stdin
    )
    options = {
        "subprotocols": protocols,
        "compression": "deflate" if compression == "deflate" else None,
    }
    if role == "connect":
        async with websockets.connect(url, **options) as socket:
            reading = asyncio.create_task(read(socket))
            await obey(socket, orders)
        await reading
        return

    accepted = loop.create_future()

    async def accept(socket):
        accepted.set_result(socket)
        await read(socket)

    async with websockets.serve(accept, "127.0.0.1", 0, **options) as server:
        tell(listening=server.sockets[0].getsockname()[1])
        await obey(await accepted, orders)


asyncio.run(main(*sys.argv[1:]))
