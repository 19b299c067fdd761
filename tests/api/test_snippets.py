"""What the code says that a person is given; `tests/e2e/test_get_code.py` runs it."""

import pytest

from voxcpm_space.api.snippets import snippets

URL = "http://127.0.0.1:7860"
AS_SET = {
    "text": "Hello.",
    "voice": "",
    "cfg_value": 2.0,
    "dit_steps": 10,
    "speed": 1.0,
    "seed": None,
    "normalize": False,
}
CLIP = {
    "reference_audio_url": "/tmp/gradio/x/me.wav",
    "denoise": False,
    "reference_start": None,
    "transcribe": False,
}


def code(operation="text-to-speech", *, is_closed=False, **fields):
    made = snippets(operation, AS_SET | fields, URL, is_closed=is_closed)
    return {snippet.label: snippet.code for snippet in made}


def test_what_is_as_it_would_be_anyway_is_left_out():
    assert code()["Python, gradio_client"] == (
        "from gradio_client import Client\n\n"
        f'client = Client("{URL}")\n'
        "answer = client.predict(\n"
        "    text='Hello.',\n"
        '    api_name="/text-to-speech",\n'
        ")\n"
        'print(answer["output"])'
    )


def test_each_door_has_code_in_its_own_words():
    made = code(voice_description="A girl", seed=7, speed=2.0)
    assert list(made) == [
        *["curl", "Python, gradio_client", "JavaScript", "Python, openai", "curl, OpenAI's route"]
    ]
    assert f"curl -s {URL}/voxcpm/v1/text-to-speech" in made["curl"]
    assert "instructions='A girl'" in made["Python, openai"]
    assert "speed=2.0" in made["Python, openai"]
    assert "extra_body={'seed': 7}" in made["Python, openai"]


@pytest.mark.parametrize("text", ["It's $5 `now`.", 'A "quoted" \\ word', "Two\nlines", "你好"])
def test_no_text_can_end_a_string(text):
    made = code(text=text)
    assert repr(text) in made["Python, gradio_client"]
    assert "<<'EOF'" in made["curl"]


def test_files_are_named_as_the_visitor_has_them():
    made = code("voice-cloning", **CLIP, prompt_text="Yes.")
    assert "reference_audio_url=handle_file('me.wav')" in made["Python, gradio_client"]
    assert "$(base64 < 'me.wav' | tr -d '\\n')" in made["curl"]
    assert 'readFileSync("me.wav", "base64")' in made["JavaScript"]
    assert "/tmp/gradio" not in str(made)
    assert "Python, openai" not in made  # which takes clips only once they are uploaded as voices


def test_a_kept_voice_comes_from_its_file_at_every_door():
    made = code(voice="data:;base64,AAAA")
    assert len(made) == 5
    assert all("voice.safetensors" in each and "AAAA" not in each for each in made.values())


def test_a_dialogue_has_files_among_its_voices():
    voices = {"Ann": {"path": "/tmp/gradio/x/a.wav", "orig_name": "ann's.wav"}, "Bob": "A man"}
    made = code(text="Ann: Hi.\nBob: $1.", voices=voices)
    assert (
        """voices={'Ann': handle_file("ann's.wav"), 'Bob': 'A man'}"""
        in made["Python, gradio_client"]
    )
    assert "Bob: \\$1." in made["curl"]
    assert "$(base64 < 'ann'\\''s.wav' | tr -d '\\n')" in made["curl"]


def test_a_closed_server_s_code_has_a_place_for_the_key():
    assert all("YOUR_KEY" in each for each in code(is_closed=True).values())
