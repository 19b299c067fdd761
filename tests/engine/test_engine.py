import multiprocessing
import shutil
import threading
from contextlib import closing
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
import torch
from voxcpm.model import voxcpm2

from voxcpm_space.engine import Engine, GenerationRequest, Phase, QueuePosition
from voxcpm_space.engine.model import Model
from voxcpm_space.engine.request import gpu_seconds
from voxcpm_space.errors import InputError, NotReadyError, StartError
from voxcpm_space.settings import Settings

TEXT = "A short sentence."
PATCH_SAMPLES = 7_680  # 0.16 s at 48 kHz


def request(**changes):
    return GenerationRequest(
        **{"text": TEXT, "seed": 1, "cfg_value": 2.0, "dit_steps": 2} | changes
    )


def spoken(engine, **changes):
    outputs = engine.stream(request(**changes))
    return np.concatenate([output for output in outputs if isinstance(output, np.ndarray)])


def is_free(engine):
    with closing(engine.stream(request())) as patches:
        return not isinstance(next(patches), QueuePosition)


def encodings(engine, monkeypatch):
    """Counts the references that are sent to the model unencoded."""
    stream, sent = engine._model.stream, []

    def counting(request, *others):
        sent.extend([request] if request.reference is not None and request.encoded is None else [])
        return stream(request, *others)

    monkeypatch.setattr(engine._model, "stream", counting)
    return sent


@pytest.fixture
def clip(tone):
    return tone(1.3)


@pytest.fixture
def new_engine():
    """Gives engines that nobody else uses: `new_engine(**settings)`."""
    engines = []

    def make(**settings):
        engines.append(Engine(Settings(**settings)))
        return engines[-1]

    yield make
    for engine in engines:
        engine.stop(grace_seconds=0)


def test_every_mode_speaks_at_48_khz_patch_by_patch(engine, clip):
    modes = [
        {},
        {"text": f"(an old man){TEXT}"},
        {"reference": clip},
        {"reference": clip, "text": f"(sad){TEXT}"},
        {"reference": clip, "transcript": "What the clip says."},
    ]
    assert engine.sample_rate == 48_000
    for mode in modes:
        *patches, _ = engine.stream(request(**mode))
        assert {patch.shape for patch in patches} == {(PATCH_SAMPLES,)}
        assert {patch.dtype for patch in patches} == {np.dtype(np.float32)}


def test_each_input_of_a_mode_is_heard(engine, clip, tone):
    heard = [
        spoken(engine)[:PATCH_SAMPLES],
        spoken(engine, text=f"(an old man){TEXT}")[:PATCH_SAMPLES],
        spoken(engine, reference=clip)[:PATCH_SAMPLES],
        spoken(engine, reference=tone(1.3, hz=300))[:PATCH_SAMPLES],
        spoken(engine, reference=clip, transcript="Yes.")[:PATCH_SAMPLES],
        spoken(engine, reference=clip, transcript="No, not at all.")[:PATCH_SAMPLES],
    ]
    for number, one in enumerate(heard):
        assert not any(np.array_equal(one, other) for other in heard[:number])


def test_the_same_seed_gives_the_same_samples_and_another_gives_others(engine):
    first = spoken(engine, seed=7)
    torch.rand(5)  # somebody else draws random numbers in between
    assert np.array_equal(spoken(engine, seed=7), first)
    assert not np.array_equal(spoken(engine, seed=2**32 - 1)[:PATCH_SAMPLES], first[:PATCH_SAMPLES])


@pytest.mark.slow
@pytest.mark.parametrize("transcript", ["", "What the clip says."])
def test_a_stream_is_what_voxcpm_generates_as_a_whole_from_a_file(
    tiny_checkpoint, engine, clip, tmp_path, monkeypatch, transcript
):
    # librosa gives these samples, too, but compiles itself for 13 s first, where it is new.
    librosa = SimpleNamespace(load=lambda path, **_: soundfile.read(path, dtype="float32"))
    monkeypatch.setattr(voxcpm2, "librosa", librosa)
    soundfile.write(tmp_path / "clip.wav", clip, 16_000, subtype="FLOAT")
    path = str(tmp_path / "clip.wav")
    voxcpm = Model(tiny_checkpoint, "cpu")._voxcpm
    prompt = voxcpm.build_prompt_cache(
        reference_wav_path=path,
        prompt_wav_path=path if transcript else None,
        prompt_text=transcript or None,
    )
    torch.manual_seed(1)
    whole, _, _ = voxcpm.generate_with_prompt_cache(
        target_text=TEXT, prompt_cache=prompt, inference_timesteps=2, max_len=20
    )
    streamed = spoken(engine, reference=clip, transcript=transcript)[: 20 * PATCH_SAMPLES]
    np.testing.assert_allclose(streamed, whole[0].float().numpy(), atol=1e-4)


@pytest.mark.parametrize("transcript", ["", "What the clip says."])
def test_a_reference_is_encoded_once_and_sounds_the_same_from_then_on(
    engine, tone, monkeypatch, transcript
):
    clip = tone(1.7)  # that no other test gives
    unencoded = encodings(engine, monkeypatch)
    first = spoken(engine, reference=clip, transcript=transcript)
    assert len(unencoded) == 1
    again = spoken(engine, reference=clip, transcript=transcript)
    assert len(unencoded) == 1
    assert np.array_equal(again, first)


def test_closing_a_stream_ends_the_request_and_lets_the_next_one_in(engine):
    with closing(engine.stream(request(text=TEXT * 4))) as patches:
        next(patches)
    assert is_free(engine)


def test_a_request_that_fails_lets_the_next_one_in(engine):
    with pytest.raises(RuntimeError, match="in the process of the model"):
        spoken(engine, reference=np.zeros((2, 2), np.float32))
    assert is_free(engine)


def test_requests_that_come_at_the_same_time_do_not_disturb_each_other(engine, clip):
    wanted = [{"seed": 1}, {"seed": 2, "reference": clip}, {"seed": 3}]
    alone = [spoken(engine, **one) for one in wanted]
    together = {}

    def speak(number):
        together[number] = spoken(engine, **wanted[number])

    threads = [threading.Thread(target=speak, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, expected in enumerate(alone):
        assert np.array_equal(together[number], expected)


def test_a_request_that_waits_for_its_turn_can_be_given_up(engine):
    with closing(engine.stream(request(text=TEXT * 20, dit_steps=150))) as first:
        next(first)
        with closing(engine.stream(request())) as waiting:
            assert next(waiting).ahead == 1
        assert len(next(first)) == PATCH_SAMPLES  # the first was not disturbed


def test_text_and_reference_that_leave_no_room_are_refused(engine, tone):
    with pytest.raises(InputError, match="together are too long"):
        spoken(engine, reference=tone(60), transcript="x" * 300)
    assert is_free(engine)


def test_a_request_ends_before_the_model_s_context_is_full(engine, tone):
    assert len(spoken(engine, text="x" * 200, reference=tone(20)))


def test_a_model_is_loaded_only_once(engine):
    before = multiprocessing.active_children()
    engine.load()
    assert multiprocessing.active_children() == before
    assert engine.status.phase is Phase.READY


def test_before_the_model_is_loaded_nothing_is_generated(new_engine, monkeypatch):
    monkeypatch.setattr("voxcpm_space.engine.engine._LOADING_SECONDS", 0.01)
    engine = new_engine()
    with pytest.raises(NotReadyError, match="still being loaded"):
        engine.wait_until_ready()


def test_a_damaged_checkpoint_stops_the_start_with_a_sentence(
    tiny_checkpoint, new_engine, tmp_path
):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "copy")
    (folder / "audiovae.safetensors").write_bytes(b"half a file")
    engine = new_engine(model=str(folder))
    with pytest.raises(StartError, match="could not be loaded"):
        engine.load()
    assert engine.status.phase is Phase.FAILED


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"device": "cuda:7"}, r"'cuda:7'.*CUDA"),
        ({"device": "cpu", "optimized": True}, "VOXCPM_COMPILE is set, but the device is 'cpu'"),
    ],
)
def test_a_device_that_cannot_do_it_stops_the_start_with_a_sentence(
    tiny_checkpoint, settings, sentence
):
    with pytest.raises(StartError, match=sentence):
        Model(tiny_checkpoint, **settings)


@pytest.mark.parametrize(
    ("capabilities", "dtype"),
    [
        ({"avx512_bf16": False, "amx_bf16": False}, torch.float32),
        ({"avx512_bf16": True, "amx_bf16": False}, torch.bfloat16),
    ],
)
def test_a_cpu_computes_in_bfloat16_only_where_it_can(
    tiny_checkpoint, monkeypatch, capabilities, dtype
):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    model = Model(tiny_checkpoint, "cpu")
    assert model._voxcpm.base_lm.kv_cache.kv_cache.dtype == dtype
    assert next(model._voxcpm.base_lm.parameters()).dtype == dtype
    assert list(model.stream(request()))


def test_the_gpu_is_asked_for_by_what_there_is_to_do(tone):
    short, long = gpu_seconds(request()), gpu_seconds(request(text=TEXT * 20))
    many_steps = gpu_seconds(request(text=TEXT * 20, dit_steps=50))
    cloned = gpu_seconds(request(text=TEXT * 20, reference=tone(30)))
    assert 1 <= short < long < many_steps <= 120
    assert long < cloned
    assert gpu_seconds(request(text="x" * 20_000)) == 120
