"""A voice agent, by a plain WebSocket."""

import json


class Agent:
    """Says something, and hears what is made of it."""

    def __init__(self, socket, timeout=60):
        self.socket, self._timeout = socket, timeout

    def say(self, kind, **fields):
        self.socket.send(json.dumps({"type": kind, **fields}))

    def hear(self, until):
        """Gives the messages up to one of a type, and the audio between them."""
        messages, audio = [], b""
        while True:
            received = self.socket.recv(timeout=self._timeout)
            if isinstance(received, bytes):
                audio += received
                continue
            messages.append(json.loads(received))
            if messages[-1]["type"] == until:
                return messages, audio
