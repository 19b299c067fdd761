"""Clones a voice through a running server: python examples/clone.py CLIP "Hello there." [URL]."""

import sys
from pathlib import Path

from gradio_client import Client, handle_file

own_clip = Path(__file__).parent / "clips" / "english-female-slt.wav"
clip = sys.argv[1] if len(sys.argv) > 1 else own_clip
text = sys.argv[2] if len(sys.argv) > 2 else "Hello there. It is good to hear from you."  # noqa: PLR2004
server = sys.argv[3] if len(sys.argv) > 3 else "http://127.0.0.1:7860"  # noqa: PLR2004

client = Client(server, verbose=False)
answer = client.predict(
    text=text,
    reference_audio_url=handle_file(clip),  # or the URL of a clip
    api_name="/voice-cloning",
)
print(answer["audio_url"])
