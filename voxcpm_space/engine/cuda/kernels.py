"""Kernels for the few rows of a patch, each in place of three to six of torch's.

Written in Triton, which comes with torch for CUDA on Linux; compiled in a few seconds, and kept in
Triton's cache. Numbers are rounded where voxcpm rounds them.
"""

import triton
import triton.language as tl
from torch import Tensor

_FEWEST_ROWS = 16
"""Of a product in Triton."""
_KEYS_AT_ONCE = 128
_NUMBERS_AT_ONCE = 1024


def attention(qkv: Tensor, tables: tuple[Tensor, Tensor] | None, shape: tuple[int, ...]) -> Tensor:
    """Turns queries and keys by their positions, from 0 on, and attends to all.

    Args:
        qkv: Rows of queries, keys and values, shape (batch * positions, heads of all * channels).
        tables: Cosines and signed sines, float32, shape (more positions, 1, channels).
        shape: Batch, positions, heads of queries, heads of keys, channels.

    Returns:
        Shape (batch * positions, heads of queries * channels).
    """
    batch, positions, heads, num_kv_heads, channels = shape
    out = qkv.new_empty(len(qkv), heads * channels)
    cos, sin = tables or (qkv, qkv)
    _attention[(batch, heads)](
        qkv,
        cos,
        sin,
        out,
        positions,
        heads,
        num_kv_heads,
        channels**-0.5,
        TURNS=tables is not None,
        CHANNELS=channels,
        ROWS=max(_FEWEST_ROWS, triton.next_power_of_2(positions)),
    )
    return out


def step_attention(
    qkv: Tensor,
    tables: tuple[Tensor, Tensor] | None,
    position: Tensor,
    cache: Tensor,
    heads: int,
) -> Tensor:
    """Does the same for one position more, whose keys and values go into the cache.

    Args:
        qkv: Its queries, keys and values, shape (1, heads of all * channels).
        tables: As for `attention`.
        position: Its number, shape (1,).
        cache: Keys and values, shape (2, 1, heads of keys, positions, channels).
        heads: Of queries.

    Returns:
        Shape (1, heads of queries * channels).
    """
    num_kv_heads, channels = cache.size(2), cache.size(4)
    out = qkv.new_empty(1, heads * channels)
    cos, sin = tables or (qkv, qkv)
    _step_attention[(heads,)](
        qkv,
        cos,
        sin,
        position,
        cache,
        out,
        heads,
        num_kv_heads,
        cache.stride(0),
        cache.stride(2),
        channels**-0.5,
        TURNS=tables is not None,
        CHANNELS=channels,
        KEYS=_KEYS_AT_ONCE,
        num_warps=8,
    )
    return out


def silu_and_mul(gate_up: Tensor) -> Tensor:
    """Multiplies SiLU of the first half of each row by the second half; shape (rows, 2 * width)."""
    width = gate_up.size(1) // 2
    out = gate_up.new_empty(len(gate_up), width)
    grid = (len(gate_up), triton.cdiv(width, _NUMBERS_AT_ONCE))
    _silu_and_mul[grid](gate_up, out, width, NUMBERS=_NUMBERS_AT_ONCE)
    return out


def snake(x: Tensor, alpha: Tensor) -> Tensor:
    """The AudioVAE's Snake1d: shape (1, channels, samples), alpha (1, channels, 1)."""
    x = x.contiguous()
    out = x.new_empty(x.shape)
    grid = (x.size(1), triton.cdiv(x.size(2), _NUMBERS_AT_ONCE))
    _snake[grid](x, alpha, out, x.size(2), NUMBERS=_NUMBERS_AT_ONCE)
    return out


@triton.jit
def _apply_rotary_emb(
    row, cos, sin, table, columns, inside, TURNS: tl.constexpr, CHANNELS: tl.constexpr
):
    numbers = tl.load(row + columns, mask=inside, other=0.0)
    if not TURNS:
        return numbers
    swapped = (columns + CHANNELS // 2) % CHANNELS
    others = tl.load(row + swapped, mask=inside, other=0.0).to(tl.float32)
    turned = numbers.to(tl.float32) * tl.load(cos + table + columns, mask=inside, other=0.0)
    turned += others * tl.load(sin + table + columns, mask=inside, other=0.0)
    return turned.to(numbers.dtype)


@triton.jit
def _attention(
    qkv,
    cos,
    sin,
    out,
    positions,
    heads,
    num_kv_heads,
    scale,
    TURNS: tl.constexpr,
    CHANNELS: tl.constexpr,
    ROWS: tl.constexpr,
):
    batch, head = tl.program_id(0), tl.program_id(1)
    kv_head = head // (heads // num_kv_heads)
    numbers = tl.arange(0, ROWS)
    columns = tl.arange(0, CHANNELS)[None, :]
    inside = numbers[:, None] < positions
    rows = (batch * positions + numbers)[:, None]
    row = qkv + rows * (heads + 2 * num_kv_heads) * CHANNELS
    table = numbers[:, None] * CHANNELS
    query, key, value = head, heads + kv_head, heads + num_kv_heads + kv_head
    queries = _apply_rotary_emb(
        row + query * CHANNELS, cos, sin, table, columns, inside, TURNS, CHANNELS
    )
    keys = _apply_rotary_emb(
        row + key * CHANNELS, cos, sin, table, columns, inside, TURNS, CHANNELS
    )
    values = tl.load(row + value * CHANNELS + columns, mask=inside, other=0.0)
    scores = tl.dot(queries, tl.trans(keys), input_precision="ieee") * scale
    scores = tl.where(numbers[None, :] < positions, scores, float("-inf"))
    weights = tl.exp(scores - tl.max(scores, 1)[:, None])
    attended = tl.dot(weights.to(values.dtype), values, input_precision="ieee")
    attended = attended / tl.sum(weights, 1)[:, None]
    target = out + (rows * heads + head) * CHANNELS + columns
    tl.store(target, attended.to(values.dtype), mask=inside)


@triton.jit
def _step_attention(
    qkv,
    cos,
    sin,
    position_in_memory,
    cache,
    out,
    heads,
    num_kv_heads,
    to_values,
    to_next_head,
    scale,
    TURNS: tl.constexpr,
    CHANNELS: tl.constexpr,
    KEYS: tl.constexpr,
):
    head = tl.program_id(0)
    sharing = heads // num_kv_heads
    kv_head = head // sharing
    position = tl.load(position_in_memory)
    columns = tl.arange(0, CHANNELS)
    table, inside = position * CHANNELS, columns < CHANNELS
    key_row = qkv + (heads + kv_head) * CHANNELS
    query = _apply_rotary_emb(
        qkv + head * CHANNELS, cos, sin, table, columns, inside, TURNS, CHANNELS
    )
    key = _apply_rotary_emb(key_row, cos, sin, table, columns, inside, TURNS, CHANNELS)
    value = tl.load(key_row + num_kv_heads * CHANNELS + columns)
    kept = cache + kv_head * to_next_head
    if head % sharing == 0:
        tl.store(kept + table + columns, key)
        tl.store(kept + to_values + table + columns, value)
    query = query.to(tl.float32)
    largest = tl.sum(query * key.to(tl.float32), 0) * scale
    total = largest * 0 + 1.0
    attended = value.to(tl.float32)
    start = position * 0
    while start < position:
        numbers = start + tl.arange(0, KEYS)
        known = numbers < position
        place = kept + numbers[:, None] * CHANNELS + columns[None, :]
        keys = tl.load(place, mask=known[:, None], other=0.0).to(tl.float32)
        values = tl.load(place + to_values, mask=known[:, None], other=0.0).to(tl.float32)
        scores = tl.sum(query[None, :] * keys, 1) * scale
        scores = tl.where(known, scores, float("-inf"))
        larger = tl.maximum(largest, tl.max(scores, 0))
        weights, fading = tl.exp(scores - larger), tl.exp(largest - larger)
        attended = attended * fading + tl.sum(weights[:, None] * values, 0)
        total = total * fading + tl.sum(weights, 0)
        largest = larger
        start += KEYS
    tl.store(out + head * CHANNELS + columns, (attended / total).to(value.dtype))


@triton.jit
def _silu_and_mul(gate_up, out, width, NUMBERS: tl.constexpr):
    row, columns = tl.program_id(0), tl.program_id(1) * NUMBERS + tl.arange(0, NUMBERS)
    inside = columns < width
    place = gate_up + row * 2 * width + columns
    gate = tl.load(place, mask=inside, other=0.0)
    up = tl.load(place + width, mask=inside, other=0.0)
    exact = gate.to(tl.float32)
    silu = (exact / (1.0 + tl.exp(-exact))).to(gate.dtype)
    product = silu.to(tl.float32) * up.to(tl.float32)
    tl.store(out + row * width + columns, product.to(up.dtype), mask=inside)


@triton.jit
def _snake(x, alpha, out, samples, NUMBERS: tl.constexpr):
    channel, columns = tl.program_id(0), tl.program_id(1) * NUMBERS + tl.arange(0, NUMBERS)
    inside = columns < samples
    place = channel * samples + columns
    numbers = tl.load(x + place, mask=inside, other=0.0)
    steepness = tl.load(alpha + channel)
    wave = tl.sin(steepness * numbers)
    tl.store(out + place, numbers + wave * wave / (steepness + 1e-9), mask=inside)
