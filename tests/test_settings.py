import pytest

from voxcpm_space.errors import StartError
from voxcpm_space.settings import load_settings


def test_without_variables_the_defaults_hold():
    settings = load_settings()
    assert (settings.model, settings.device) == ("auto", "auto")
    assert settings.max_text_length == 20_000


def test_an_empty_variable_counts_as_not_set(monkeypatch):
    for variable in ("VOXCPM_MODEL", "VOXCPM_MAX_DIT_STEPS", "VOXCPM_ACCOUNTS"):
        monkeypatch.setenv(variable, "")
    settings = load_settings()
    assert (settings.model, settings.max_dit_steps, settings.accounts) == ("auto", 50, None)


def test_an_empty_rate_limit_is_no_limit(monkeypatch):
    assert load_settings().rate_limit == "60/minute"
    monkeypatch.setenv("VOXCPM_RATE_LIMIT", "")
    assert load_settings().rate_limit == ""


@pytest.mark.parametrize("model", ["preview", "openbmb/VoxCPM2", "."])
def test_a_model_can_be_named_in_every_documented_way(monkeypatch, model):
    monkeypatch.setenv("VOXCPM_MODEL", model)
    assert load_settings().model == model


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("VOXCPM_MODEL", "./not-there", "a folder that exists"),
        ("VOXCPM_MODEL", "VoxCPM2", "a Hub id such as openbmb/VoxCPM2"),
        ("VOXCPM_DEVICE", "gpu", "auto, cpu, mps, cuda or cuda:N"),
        ("VOXCPM_RAY", "10.0.0.1", "auto, or host:port of a cluster's head"),
        ("VOXCPM_RAY_MAX_REPLICAS", "-1", "a whole number from 0 to 1024"),
        ("VOXCPM_RAY_GPUS", "2", "a number from 0 to 1"),
        ("VOXCPM_RAY_CPUS", "0", "a whole number from 1 to 256"),
        ("VOXCPM_ENGINE_URL", "gpu1:8091", "URLs such as http://gpu1:8091"),
        ("VOXCPM_ENGINE_URL", "http://gpu1:8091,", "URLs such as http://gpu1:8091"),
        ("VOXCPM_ENGINE_URL", "http://gpu1:80910", "URLs such as http://gpu1:8091"),
        ("VOXCPM_ENGINE_CONCURRENCY", "0", "a whole number from 1 to 256"),
        ("VOXCPM_RESULTS", "bucket/prefix", "s3://bucket/prefix or gs://bucket/prefix"),
        ("VOXCPM_RESULTS", "file:///tmp", "s3://bucket/prefix or gs://bucket/prefix"),
        ("VOXCPM_RESULTS_URL", "files.example", "a URL that begins with https://"),
        ("VOXCPM_ACCOUNTS_DB", "mysql://x", "the URL of a PostgreSQL database"),
        ("VOXCPM_DEVICE", "cuda:", "auto, cpu, mps, cuda or cuda:N"),
        ("VOXCPM_CPU_INT8", "8", "true or false"),
        ("VOXCPM_MAX_TEXT_LENGTH", "0", "a whole number from 1 to 20000"),
        ("VOXCPM_MAX_TEXT_LENGTH", "many", "a whole number from 1 to 20000"),
        ("VOXCPM_MAX_REFERENCE_SECONDS", "nan", "a number from 2 to 120"),
        ("VOXCPM_ASR_MODEL", "whisper", "faster-whisper such as large-v3-turbo or small"),
        ("VOXCPM_ASR_MODEL", "openai/whisper-huge", "a folder that exists, or empty for none"),
        ("VOXCPM_REFERENCE_HOSTS", "http://a.example/", "host, host:port or host:*"),
        ("VOXCPM_REFERENCE_HOSTS", "a.example:http", "with commas between"),
        ("VOXCPM_MAX_DIT_STEPS", "101", "a whole number from 1 to 100"),
        ("VOXCPM_VOICES", "./not-there", "a folder that exists"),
        ("VOXCPM_VOICE_UPLOADS", "all", "accounts, everyone or nobody"),
        ("VOXCPM_MAX_VOICES", "0", "a whole number from 1 to 1000"),
        ("VOXCPM_LORA", "./not-there", "a folder that exists"),
        ("VOXCPM_KEEP_SECONDS", "-1", "a whole number from 60 to 604800"),
        ("VOXCPM_CONTACT", "javascript:alert(1)", "a URL that begins with https://"),
        ("VOXCPM_CONTACT", "https://a.example/ [b](c)", "a URL that begins with https://"),
        ("VOXCPM_MAX_WAITING", "0", "a whole number from 1 to 10000"),
        ("VOXCPM_RATE_LIMIT", "often", "requests by time, such as 60/minute"),
        ("VOXCPM_RATE_LIMIT_STORAGE", "mysql://x", "memory:// or the URL of a Redis server"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(monkeypatch, variable, value, allowed):
    monkeypatch.setenv(variable, value)
    with pytest.raises(StartError) as refusal:
        load_settings()
    assert variable in str(refusal.value)
    assert repr(value) in str(refusal.value)
    assert allowed in str(refusal.value)


@pytest.mark.parametrize(
    ("value", "model"),
    [
        ("", ""),
        ("small", "small"),
        ("openai/whisper-large-v3-turbo", "large-v3-turbo"),  # as it was called before
        ("Systran/faster-whisper-tiny.en", "Systran/faster-whisper-tiny.en"),
    ],
)
def test_a_recognizer_has_faster_whisper_s_name(monkeypatch, value, model):
    monkeypatch.setenv("VOXCPM_ASR_MODEL", value)
    assert load_settings().asr_model == model


@pytest.mark.parametrize("variable", ["VOXCPM_ACCOUNTS_DB", "VOXCPM_RATE_LIMIT_STORAGE"])
def test_a_bad_value_is_shown_without_its_password(monkeypatch, variable):
    monkeypatch.setenv(variable, "mysql://ann:secret@host/accounts")
    with pytest.raises(StartError) as refusal:
        load_settings()
    assert f"{variable}='mysql://***@host/accounts'" in str(refusal.value)
