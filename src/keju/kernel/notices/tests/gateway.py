"""Servers that misbehave on the loopback: one for text messages over HTTP, one for mail. Made to be told what to do."""

import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "a secret of thirty-two characters."


class Seen:
    """What a server was asked, in order, and what it is to answer."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.mails: list[tuple[str, str, str]] = []
        self.status = 200
        self.answer = b'{"id": "m-1"}'
        self.headers: dict[str, str] = {}
        self.sleep = 0.0
        self.drip = False
        self.refuse: dict[str, bytes] = {}

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(body) for _, body in self.requests]


def _handler(seen: Seen) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.requests.append((dict(self.headers.items()), body))
            time.sleep(seen.sleep)
            self.send_response(seen.status)
            for name, value in seen.headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                if seen.drip:
                    for _ in range(100):
                        self.wfile.write(b" ")
                        self.wfile.flush()
                        time.sleep(0.1)
                self.wfile.write(seen.answer)
            except OSError:
                pass  # the other side has lost its patience

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


@contextmanager
def http_gateway() -> Iterator[tuple[str, Seen]]:
    """The address of a gateway for text messages, and what it sees."""
    seen = Seen()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(seen))
    server.daemon_threads = True
    with _running(server):
        yield f"http://127.0.0.1:{server.server_address[1]}/send", seen


@contextmanager
def mail_server() -> Iterator[tuple[int, Seen]]:
    """The port of a mail server without encryption, and what it sees. `refuse`: command → answer instead of 250."""
    seen = Seen()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say(b"220 ready")
            sender = recipient = ""
            while line := self.rfile.readline():
                word = line.split(b":")[0].split()[0].upper().decode()
                if word in seen.refuse:
                    self.say(seen.refuse[word])
                elif word == "DATA":
                    self.say(b"354 go on")
                    text = b""
                    while (part := self.rfile.readline()) not in (b".\r\n", b""):
                        text += part
                    if "." in seen.refuse:
                        self.say(seen.refuse["."])
                        continue
                    seen.mails.append((sender, recipient, text.decode()))
                    self.say(b"250 taken")
                elif word == "QUIT":
                    self.say(b"221 bye")
                    return
                else:
                    sender = line.decode() if word == "MAIL" else sender
                    recipient = recipient + line.decode() if word == "RCPT" else recipient
                    self.say(b"250 yes")

        def say(self, line: bytes) -> None:
            self.wfile.write(line + b"\r\n")

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with _running(server):
        yield server.server_address[1], seen


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def until(happened: Callable[[], bool], seconds: float = 10.0) -> None:
    """Waits until it has happened; fails if it does not."""
    ends = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < ends
        time.sleep(0.01)
