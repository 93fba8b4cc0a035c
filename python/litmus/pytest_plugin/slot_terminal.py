# SPDX-License-Identifier: Apache-2.0
"""The one terminal of a session with several slots: their questions, one after the other."""

import os
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from litmus.prompts import (
    Answer,
    PromptConfig,
    PromptUnavailableError,
    answer_hint,
    question_text,
    understood,
)


@dataclass(slots=True)
class Question:
    """Of a slot; `give` takes the answer, None where there is none."""

    slot: str
    id: str
    prompt: PromptConfig
    give: Callable[[Answer | None], object]


class SlotTerminal:
    """Shows questions and understands what is typed. It never waits itself."""

    def __init__(self) -> None:
        self._questions: deque[Question] = deque()
        self._typed = b""
        self._has_ended = False

    @property
    def is_asking(self) -> bool:
        """Somebody is to type something."""
        return bool(self._questions)

    def ask(self, slot: str, word: dict[str, Any], give: Callable[[Answer | None], object]) -> None:
        """A slot has a question."""
        prompt = PromptConfig(word["message"], word["prompt_type"], word["choices"])
        question = Question(slot, word["id"], prompt, give)
        if self._has_ended:
            give(None)
            return
        self._questions.append(question)
        if len(self._questions) == 1:
            self._show()

    def forget(self, slot: str, question: str | None = None) -> None:
        """The slot does not wait for the answer any more; without `question`: for any."""
        first = self._questions[0] if self._questions else None
        kept = [
            each
            for each in self._questions
            if each.slot != slot or (question is not None and each.id != question)
        ]
        self._questions = deque(kept)
        if self._questions and self._questions[0] is not first:
            self._show()

    def read(self) -> bool:
        """Something was typed. False: the terminal has ended (Ctrl-D), and with it all questions."""
        part = os.read(sys.__stdin__.fileno(), 4096) if sys.__stdin__ is not None else b""
        if not part:
            self._has_ended = True
            while self._questions:
                self._questions.popleft().give(None)
            return False
        self._typed += part
        while b"\n" in self._typed and self._questions:
            line, _, self._typed = self._typed.partition(b"\n")
            self._take(line.decode(errors="replace"))
        return True

    def _take(self, line: str) -> None:
        question = self._questions[0]
        try:
            answer = understood(question.prompt, line)
        except PromptUnavailableError:
            self._questions.popleft().give(None)
        else:
            if answer is not None:
                self._questions.popleft().give(answer)
        if self._questions:
            self._show()

    def _show(self) -> None:
        question = self._questions[0]
        mark = f"[{question.slot}] "
        text = question_text(question.prompt).replace("\n", f"\n{mark}")
        print(f"\n{mark}{text}\n{mark}{answer_hint(question.prompt)}", end="", flush=True)
