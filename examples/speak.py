"""Speaks a text through a running server: python examples/speak.py "Hello there." [URL]."""

import sys

from gradio_client import Client

text = sys.argv[1] if len(sys.argv) > 1 else "Hello there. It is good to hear from you."
server = sys.argv[2] if len(sys.argv) > 2 else "http://127.0.0.1:7860"  # noqa: PLR2004

client = Client(server, verbose=False)
answer = client.predict(text=text, api_name="/text-to-speech")
print(answer["output"])
