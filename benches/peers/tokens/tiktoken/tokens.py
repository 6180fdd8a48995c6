"""tiktoken, with the vocabulary of the inputs in the place of the file that it would fetch."""

import sys

import tiktoken
from tiktoken_ext import openai_public

from timing import Work, inputs, run

GIVEN = inputs()
RANKS = {bytes.fromhex(token): rank for rank, token in enumerate(GIVEN["ranks"])}
openai_public.load_tiktoken_bpe = lambda *_, **__: RANKS
ENCODING = tiktoken.Encoding(**openai_public.o200k_base())


def one_by_one(texts: list[str]) -> int:
    return sum(len(ENCODING.encode_ordinary(text)) for text in texts)


def together(texts: list[str]) -> int:
    return sum(map(len, ENCODING.encode_ordinary_batch(texts, num_threads=1)))


def make(task: str) -> Work:
    texts = GIVEN[task]
    count = together if "--batch" in sys.argv else one_by_one
    at = 0

    def passes(n: int) -> int:
        nonlocal at
        for _ in range(n):
            count(texts[at])
            at = (at + 1) % len(texts)
        return n

    return Work(passes, str(count(texts[0])))


if __name__ == "__main__":
    run(make)
