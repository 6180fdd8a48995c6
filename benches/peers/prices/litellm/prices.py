"""litellm: `completion_cost` of a response that is there, or `cost_per_token` of the numbers alone."""

import logging
import sys

from litellm import ModelResponse, Usage, completion_cost, cost_per_token
from litellm.types.utils import PromptTokensDetailsWrapper

from timing import Work, inputs, run

logging.disable(logging.CRITICAL)
# What it calls the vendors.
VENDORS = {"openai": "openai", "anthropic": "anthropic", "google": "gemini"}


def make(task: str) -> Work:
    call = inputs()[task]
    model, vendor = call["model"], VENDORS[call["vendor"]]
    prompt = call["fresh"] + call["cached"]
    usage = Usage(
        prompt_tokens=prompt,
        completion_tokens=call["output"],
        total_tokens=prompt + call["output"],
        prompt_tokens_details=PromptTokensDetailsWrapper(cached_tokens=call["cached"]),
    )
    response = ModelResponse(model=model, usage=usage)

    def of_response() -> float:
        return completion_cost(completion_response=response, model=model, custom_llm_provider=vendor)

    def of_numbers() -> float:
        return sum(
            cost_per_token(
                model=model,
                custom_llm_provider=vendor,
                prompt_tokens=prompt,
                completion_tokens=call["output"],
                cache_read_input_tokens=call["cached"],
                usage_object=usage,
            )
        )

    price = of_numbers if "--numbers" in sys.argv else of_response

    def passes(n: int) -> int:
        for _ in range(n):
            price()
        return n

    return Work(passes, f"{price():.10g}")


if __name__ == "__main__":
    run(make)
