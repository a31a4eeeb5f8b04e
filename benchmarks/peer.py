"""A peer that gives every request one and the same answer: `python -m benchmarks.peer` prints its port and serves."""

import trio

BODY = b'{"id": "0b4d9f5e-7f0e-4c53-9b5c-0d6e2f0a1b2c", "name": "0b4d9f5e-7f0e-4c53-9b5c-0d6e2f0a1b2c"}'
"""Enough of a channel, a playback and a recording alike."""

ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: Asterisk/22.10.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)
    + BODY
)


async def answer_all(stream: trio.SocketStream) -> None:
    """One connection: requests that come whole and without a body, as small ones do on loopback."""
    async for data in stream:
        await stream.send_all(ANSWER * bytes(data).count(b"\r\n\r\n"))


async def serve() -> None:
    """Serve until killed."""
    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    print(listener.socket.getsockname()[1], flush=True)
    await trio.serve_listeners(answer_all, [listener])


if __name__ == "__main__":
    trio.run(serve)
