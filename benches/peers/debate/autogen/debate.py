"""AutoGen: a `RoundRobinGroupChat` of `AssistantAgent`s whose model client answers at once.

They speak one after the other: it is how its group chats are. A turn is a call of an agent's client with the messages so
far, and the publishing of what it says to all the others. The team is made once and reset before each debate, outside of
what is timed.
"""

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core.models import ChatCompletionClient, CreateResult, ModelFamily, ModelInfo, RequestUsage

from panel import Instantly, Panel, run


class InstantClient(ChatCompletionClient):
    """Looks at nothing. (The replaying client of autogen-ext splits all it is given into words, in each call.)"""

    def __init__(self, instantly: Instantly):
        self.instantly = instantly

    async def create(self, messages, **_) -> CreateResult:
        usage = RequestUsage(prompt_tokens=300, completion_tokens=30)
        return CreateResult(finish_reason="stop", content=self.instantly.say(), usage=usage, cached=False)

    async def create_stream(self, messages, **_):
        yield await self.create(messages)

    async def close(self) -> None:
        pass

    def actual_usage(self) -> RequestUsage:
        return RequestUsage(prompt_tokens=300, completion_tokens=30)

    def total_usage(self) -> RequestUsage:
        return self.actual_usage()

    def count_tokens(self, messages, **_) -> int:
        return 300

    def remaining_tokens(self, messages, **_) -> int:
        return 100_000

    @property
    def capabilities(self) -> ModelInfo:
        return self.model_info

    @property
    def model_info(self) -> ModelInfo:
        return ModelInfo(
            vision=False,
            function_calling=False,
            json_output=False,
            family=ModelFamily.UNKNOWN,
            structured_output=False,
        )


def make(debaters: int, rounds: int) -> Panel:
    models = [Instantly(n) for n in range(debaters)]
    agents = [
        AssistantAgent(f"seat_{n}", model_client=InstantClient(model), system_message="You are one of a panel.")
        for n, model in enumerate(models)
    ]
    team = RoundRobinGroupChat(agents, max_turns=debaters * rounds)

    async def hold() -> None:
        result = await team.run(task="Is it so?")
        assert len(result.messages) == 1 + debaters * rounds

    return Panel(models, hold, team.reset)


if __name__ == "__main__":
    run(make)
