"""LangGraph: a `StateGraph` with a node for each debater, which run side by side, and a node that closes the round.

The graph is compiled once and asked with `ainvoke`, without a checkpointer. With `--model`, as last argument, a debater
makes messages of the transcript and asks a langchain chat model that answers at once; without, its node answers itself:
the engine alone.
"""

import operator
import sys
from typing import Annotated, Any, TypedDict

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langgraph.graph import END, START, StateGraph

from panel import Instantly, Panel, run


class State(TypedDict):
    topic: str
    round: int
    transcript: Annotated[list[str], operator.add]


class InstantChatModel(BaseChatModel):
    instantly: Any

    @property
    def _llm_type(self) -> str:
        return "instant"

    def _result(self) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=self.instantly.say()))])

    def _generate(self, messages, stop=None, run_manager=None, **kwargs) -> ChatResult:
        return self._result()

    # Without this it would be called in a thread.
    async def _agenerate(self, messages, stop=None, run_manager=None, **kwargs) -> ChatResult:
        return self._result()


def node_of(instantly: Instantly, with_model: bool):
    model = InstantChatModel(instantly=instantly)

    async def through_model(state: State) -> dict:
        prompt = "\n".join([state["topic"], *state["transcript"]])
        reply = await model.ainvoke([SystemMessage("You are one of a panel."), HumanMessage(prompt)])
        return {"transcript": [reply.content]}

    async def itself(_: State) -> dict:
        return {"transcript": [instantly.say()]}

    return through_model if with_model else itself


async def close_round(state: State) -> dict:
    return {"round": state["round"] + 1}


def make(debaters: int, rounds: int) -> Panel:
    with_model = "--model" in sys.argv
    models = [Instantly(n) for n in range(debaters)]
    seats = [f"seat {n}" for n in range(debaters)]
    graph = StateGraph(State)
    graph.add_node("close", close_round)
    for seat, model in zip(seats, models):
        graph.add_node(seat, node_of(model, with_model))
        graph.add_edge(START, seat)
    graph.add_edge(seats, "close")
    graph.add_conditional_edges("close", lambda state: END if state["round"] == rounds else seats, [*seats, END])
    compiled = graph.compile()

    async def hold() -> None:
        state = await compiled.ainvoke({"topic": "Is it so?", "round": 0, "transcript": []})
        assert len(state["transcript"]) == debaters * rounds

    return Panel(models, hold)


if __name__ == "__main__":
    run(make)
