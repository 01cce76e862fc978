"""A client that plays signed requests over many connections at once, for what wrk cannot: each request once."""

import selectors
import socket
import sys
import time

import signing
from signing import Call

CONNECTIONS = 64
# Signed and sent at a time: a second's worth or so, and little memory.
BATCH = 10_000
FILL_BODY = "a small object, of which there are many"


class _Connection:
    """One request at a time. `answer` is what came so far."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answer = b""

    def is_complete(self):
        head, found, body = self.answer.partition(b"\r\n\r\n")
        if not found:
            return False
        lower = head.lower()
        at = lower.find(b"\r\ncontent-length: ")
        if at < 0:
            return body.endswith(b"0\r\n\r\n") if b"transfer-encoding: chunked" in lower else True
        return len(body) >= int(lower[at + 18:].split(b"\r\n", 1)[0])


class Client:
    """Of an S3 endpoint on this machine."""

    def __init__(self, port, region, keys):
        self.port, self.host, self.region, self._keys = port, f"127.0.0.1:{port}", region, keys

    @classmethod
    def of(cls, cloud):
        settings = cloud.settings()
        keys = settings["AWS_ACCESS_KEY_ID"], settings["AWS_SECRET_ACCESS_KEY"]
        return cls(cloud.api_port, settings["AWS_REGION"], keys)

    def signed(self, calls):
        return signing.sign_all(calls, self.host, *self._keys)

    def send(self, calls, connections=1):
        """Every call once; ends the program unless all are answered with 2xx. The answers, in no order."""
        waiting = [request.encode() for request in reversed(self.signed(calls))]
        answers, selector = [], selectors.DefaultSelector()
        for _ in range(min(connections, len(waiting))):
            connection = _Connection(self.port)
            connection.socket.sendall(waiting.pop())
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        while selector.get_map():
            for key, _ in selector.select():
                connection = key.data
                received = connection.socket.recv(1 << 20)
                connection.answer += received
                if not received:
                    sys.exit("the server closed a connection")
                if not connection.is_complete():
                    continue
                if not connection.answer.startswith(b"HTTP/1.1 2"):
                    sys.exit(connection.answer.decode(errors="replace"))
                answers.append(connection.answer)
                connection.answer = b""
                if waiting:
                    connection.socket.sendall(waiting.pop())
                else:
                    selector.unregister(connection.socket)
                    connection.socket.close()
        return answers

    def fill(self, bucket, objects):
        """Stores small objects, many/00000000 and on; returns how many a second."""
        began = time.monotonic()
        for start in range(0, objects, BATCH):
            self.send([Call("PUT", "s3", self.region, f"/{bucket}/many/{number:08}", FILL_BODY)
                       for number in range(start, min(start + BATCH, objects))], CONNECTIONS)
        return objects / (time.monotonic() - began)
