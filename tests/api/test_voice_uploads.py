"""Uploading voices over HTTP, as vLLM-Omni's and OpenAI's clients do."""

import io
import json

import openai
import pytest
import soundfile
from starlette.testclient import TestClient

from tests.e2e.accounts import AccountsFile
from voxcpm_space.api.access.access import Access
from voxcpm_space.api.access.gate import Gate
from voxcpm_space.api.http_api import http_api
from voxcpm_space.api.service import SpeechService
from voxcpm_space.api.voices import MAX_UPLOAD_BYTES
from voxcpm_space.outputs import Outputs
from voxcpm_space.settings import Settings
from voxcpm_space.studio import Studio

VOICES, SPEECH = "/v1/audio/voices", "/v1/audio/speech"
FORM = "multipart/form-data"
SAID = {"name": "Ann", "consent": "rec_1", "ref_text": "Yes."}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "voices"
    folder.mkdir()
    return folder


@pytest.fixture
def serve(engine, folder):
    """Gives a client of a server with other settings; each call is a restart."""

    def start(**settings):
        all_settings = Settings(
            **({"asr_model": "", "rate_limit": "", "voices": folder} | settings)
        )
        access = Access(all_settings)
        api = http_api(SpeechService(Studio(all_settings, engine, Outputs(3600)), access))
        api.get_blocks = lambda: None  # Gradio's, beside which the routes stand
        return TestClient(Gate(api, access))

    return start


@pytest.fixture
def open_server(serve):
    return serve(voice_uploads="everyone")


@pytest.fixture
def clip(tone):
    file = io.BytesIO()
    soundfile.write(file, tone(2.0), 16_000, format="WAV")
    return file.getvalue()


@pytest.fixture
def upload(clip):
    def send(client, content=clip, key=None, **said):
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        files = {"audio_sample": ("me.wav", content, "audio/wav")}
        return client.post(VOICES, data=SAID | said, files=files, headers=headers)

    return send


def listed(client, key=None):
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return client.get(VOICES, headers=headers).json()


def message(answer):
    return answer.json()["error"]["message"]


def test_it_is_answered_and_listed_as_in_vllm_omni(open_server, upload, clip):
    answer = upload(open_server, speaker_description="warm narrator")
    assert answer.status_code == 200
    assert answer.json()["success"] is True
    voice = answer.json()["voice"]
    assert voice.pop("created_at") > 1_600_000_000
    assert voice == {
        "name": "Ann",
        "consent": "rec_1",
        "mime_type": "audio/wav",
        "file_size": len(clip),
        "ref_text": "Yes.",
        "speaker_description": "warm narrator",
    }
    (uploaded,) = listed(open_server)["uploaded_voices"]
    assert uploaded == answer.json()["voice"]
    assert {"id": "Ann", "name": "Ann"} in listed(open_server)["voices"]


def test_what_was_not_said_is_left_out(open_server, upload):
    voice = upload(open_server, ref_text="").json()["voice"]
    assert voice.keys() == {"name", "consent", "created_at", "mime_type", "file_size"}


def test_it_speaks_after_a_restart_until_it_is_deleted(serve, open_server, upload):
    upload(open_server)
    client = serve()
    fields = {"model": "voxcpm2", "input": "Hi.", "voice": "ann", "response_format": "pcm"}
    answer = client.post(SPEECH, json=fields)
    assert answer.status_code == 200
    assert answer.headers["X-Transcript"] == "given"
    assert len(answer.content) > 1000
    spoken = client.post("/voxcpm/v1/text-to-speech", json={"text": "Hi.", "voice": "Ann"})
    assert spoken.status_code == 200
    deleted = serve(voice_uploads="everyone").delete(f"{VOICES}/Ann")
    assert deleted.json()["success"] is True
    assert deleted.json()["message"] == "Voice 'Ann' deleted successfully"
    gone = client.post("/voxcpm/v1/text-to-speech", json={"text": "Hi.", "voice": "Ann"})
    assert gone.status_code == 400
    assert "no voice of the name Ann" in gone.json()["message"]


def test_a_voice_with_the_name_of_one_of_openai_s_speaks_itself(open_server, upload):
    fields = {"model": "tts-1", "input": "Hi.", "voice": "Nova", "response_format": "pcm"}
    assert "the default one speaks" in open_server.post(SPEECH, json=fields).headers["X-Warnings"]
    upload(open_server, name="nova")
    answer = open_server.post(SPEECH, json=fields)
    assert "the default one" not in answer.headers["X-Warnings"]
    assert answer.headers["X-Transcript"] == "given"


def test_openai_s_client_uploads_and_deletes(open_server, clip):
    client = openai.OpenAI(
        base_url="http://testserver/v1", api_key="unused", http_client=open_server, max_retries=0
    )
    voice = client.audio.voices.create(
        name="Ann Lee/2".replace("/", " "), consent="cons_1", audio_sample=("a.wav", clip)
    )
    assert (voice.id, voice.name, voice.object) == ("Ann Lee 2", "Ann Lee 2", "audio.voice")
    deleted = client.audio.voices.delete(voice.id)
    assert (deleted.id, deleted.deleted, deleted.object) == (voice.id, True, "audio.voice.deleted")
    with pytest.raises(openai.NotFoundError, match="You have uploaded no voice of the name"):
        client.audio.voices.delete(voice.id)


def test_advice_on_the_clip_comes_with_it(open_server, upload, tone):
    file = io.BytesIO()
    soundfile.write(file, tone(60.0), 16_000, format="WAV")
    answer = upload(open_server, file.getvalue())
    assert "The transcript is not used" in answer.headers["X-Warnings"]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"consent": ""}, "consent must say that the speaker agrees"),
        ({"name": ""}, "name of the voice is empty"),
        ({"name": "../../etc/passwd"}, "A voice cannot have the name"),
        ({"name": "english-male-rms"}, "There is a voice of the name english-male-rms already"),
        ({"content": b"no audio"}, "not audio that can be read here"),
        ({"content": b""}, "clip"),
        ({"content": bytes(MAX_UPLOAD_BYTES + 1)}, "larger than 10 MB"),
        ({"content": bytes(2 * MAX_UPLOAD_BYTES)}, "larger than 10 MB"),
        ({"more": "x" * 100_000}, "must be multipart/form-data"),
    ],
)
def test_what_cannot_be_stored_is_refused_and_leaves_nothing(
    open_server, upload, folder, said, sentence
):
    answer = upload(open_server, **said)
    assert answer.status_code == 400
    assert sentence in message(answer)
    assert list(folder.rglob("*")) == []


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"json": SAID}, "must be multipart/form-data"),
        ({"data": SAID}, "must be multipart/form-data"),
        (
            {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}},
            "must be multipart",
        ),
        (
            {"content": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
            "must be multipart",
        ),
        ({"data": SAID, "files": {"clip": b"x"}}, "audio_sample is missing"),
        ({"data": SAID, "files": {"audio_sample": b"x", "second": b"x"}}, "must be multipart"),
        ({"data": {"name": "x"}, "files": {"audio_sample": ("a", b"x")}}, "consent is missing"),
    ],
)
def test_another_body_is_refused_with_a_sentence(open_server, folder, sent, sentence):
    answer = open_server.post(VOICES, **sent)
    assert answer.status_code == 400
    assert sentence in message(answer)
    assert list(folder.rglob("*")) == []


def test_an_open_server_takes_none_unless_it_is_allowed(serve, upload):
    client = serve()
    for answer in (upload(client), client.delete(f"{VOICES}/Ann")):
        assert answer.status_code == 403
        assert "VOXCPM_VOICE_UPLOADS=everyone" in message(answer)
    assert listed(client)["uploaded_voices"] == []


def test_without_a_folder_none_is_taken(serve, upload):
    answer = upload(serve(voices=None, voice_uploads="everyone"))
    assert answer.status_code == 403
    assert "VOXCPM_VOICES" in message(answer)


def test_on_a_closed_server_accounts_have_their_own(serve, upload, tmp_path, monkeypatch):
    monkeypatch.setenv("VOXCPM_RATE_LIMIT", "")
    accounts = AccountsFile(tmp_path)
    ann, bob = accounts.add("ann"), accounts.add("bob")
    speaker = accounts.add("cy", "--unlimited", "--operation", "text-to-speech")
    client = serve(accounts=accounts.path)
    assert upload(client).status_code == 401
    assert upload(client, key=speaker).status_code == 403
    assert upload(client, key=ann, name="mine").status_code == 200
    assert [each["name"] for each in listed(client, ann)["uploaded_voices"]] == ["mine"]
    assert listed(client, bob)["uploaded_voices"] == []
    assert "mine" not in json.dumps(listed(client, bob))

    def speak(key):
        headers = {"Authorization": f"Bearer {key}"}
        fields = {"text": "Hi.", "voice": "mine", "dit_steps": 1}
        return client.post("/voxcpm/v1/text-to-speech", json=fields, headers=headers)

    assert speak(ann).status_code == 200
    assert speak(bob).status_code == 400
    assert "mine," not in speak(bob).json()["message"]
    gone = client.delete(f"{VOICES}/mine", headers={"Authorization": f"Bearer {bob}"})
    assert gone.status_code == 404
    assert upload(client, key=bob, name="mine").status_code == 200
    closed = serve(accounts=accounts.path, voice_uploads="nobody")
    assert upload(closed, key=ann, name="more").status_code == 403
    assert speak(ann).status_code == 200


def test_another_method_is_told_which_there_are(open_server):
    answer = open_server.put(VOICES)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")


def test_the_document_describes_it(open_server):
    paths = open_server.get("/openapi.json").json()["paths"]
    content = paths[VOICES]["post"]["requestBody"]["content"]["multipart/form-data"]
    assert set(content["schema"]["required"]) == {"audio_sample", "name", "consent"}
    assert "404" in paths[f"{VOICES}/{{name}}"]["delete"]["responses"]
