"""The application on ZeroGPU's own runtime, as its visitors reach it."""

import base64
import json
from contextlib import closing
from dataclasses import dataclass

import httpx
from gradio_client import Client, handle_file
from websockets.sync.client import connect

from tests.e2e.server import ROOT, Server
from tests.e2e.voice_agent import Agent
from tests.zerogpu.device_api import StandInDeviceApi

CLIP = ROOT / "examples" / "clips" / "english-female-slt.wav"
LONG = " ".join(["The train was late again. We have to wait here for a while."] * 16)
TEXT_TO_SPEECH = "/voxcpm/v1/text-to-speech"
QUICK = {"text": "Hi.", "dit_steps": 1}
TOKEN_HEADER = "X-IP-Token"

_TIMEOUT = 240


def visitor_token(name: str) -> str:
    """A token as Hugging Face's proxy adds it to what a visitor sends; only the name is in it."""
    payload = base64.urlsafe_b64encode(json.dumps({"user": name}).encode()).decode()
    return f"header.{payload.rstrip('=')}.signature"


@dataclass(frozen=True)
class Space:
    """A started server, and the device API that it believes in."""

    server: Server
    api: StandInDeviceApi

    def post(self, path: str, token: str = "", **fields) -> httpx.Response:
        """Asks over plain HTTP."""
        url, headers = f"{self.server.url}{path}", {TOKEN_HEADER: token} if token else {}
        return httpx.post(url, json=fields, headers=headers, timeout=_TIMEOUT)

    def speak(self, token: str = "", **fields) -> httpx.Response:
        return self.post(TEXT_TO_SPEECH, token, **{**QUICK, **fields})

    def clone(self, token: str = "", **fields) -> httpx.Response:
        clip = {"reference_audio_url": CLIP.stem}
        return self.post("/voxcpm/v1/voice-cloning", token, **{**QUICK, **clip, **fields})

    def say(self, token: str = "", **fields) -> httpx.Response:
        fields = {"model": "voxcpm2", "input": "Hi.", "response_format": "pcm", **fields}
        return self.post("/v1/audio/speech", token, **fields)

    def talk(self, token: str = "", text: str = QUICK["text"]) -> bytes:
        """Asks as a voice agent does."""
        url = self.server.url.replace("http", "ws")
        headers = {TOKEN_HEADER: token} if token else None
        with connect(f"{url}/v1/audio/speech/stream", additional_headers=headers) as socket:
            agent = Agent(socket, timeout=_TIMEOUT)
            agent.say("input.text", text=text)
            agent.say("input.done")
            _, audio = agent.hear(until="session.done")
            return audio

    def stream(self, text: str):
        """Gives the context of a response whose audio flows while it is made."""
        fields = {"model": "voxcpm2", "input": text, "response_format": "pcm"}
        url = f"{self.server.url}/v1/audio/speech"
        return httpx.stream("POST", url, json=fields, timeout=_TIMEOUT)

    def predict(self, endpoint: str, token: str = "", **fields):
        """Asks with gradio_client."""
        if endpoint == "/voice-cloning":
            fields = {"reference_audio_url": handle_file(CLIP), **fields}
        with closing(self.client(token)) as client:
            return client.predict(**{**QUICK, **fields}, api_name=endpoint)

    def client(self, token: str = "") -> Client:
        headers = {TOKEN_HEADER: token} if token else None
        return Client(self.server.url, headers=headers, verbose=False)
