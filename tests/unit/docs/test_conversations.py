"""Plays the chats in docs/conversation.md; each has a patient of its own."""

import pytest

from medvault.domain.conversation.events import Noticed, Vouched
from support.patients import Patient
from unit.docs.pages import ROOT, Block, blocks

CHATS = [block for block in blocks(ROOT / "docs" / "conversation.md") if block.tested]


@pytest.mark.parametrize("chat", CHATS, ids=lambda chat: chat.text.splitlines()[-1])
def test_a_chat_goes_as_it_is_written(chat: Block) -> None:
    patient, heard = Patient(key="a key"), ""
    for line in chat.text.splitlines():
        who, _, words = line.partition(": ")
        if who == "medvault":
            assert words in heard
        elif words.startswith("[sends "):
            media_id = patient.sends(words.removeprefix("[sends ").removesuffix("]"))
            heard = patient.hears_of(media_id).text
        elif words == "[writes from a new phone]":
            patient.key = "another key"
            heard = patient.does(Noticed()).text
        elif words == "[shows who they are at the clinic]":
            assert patient.state.lock is not None
            heard = patient.does(Vouched(patient.state.lock.since)).text
        else:
            assert who == "patient"
            answer = patient.says(words)
            heard = "\n".join([answer.text, *(receipt.body for receipt in answer.receipts)])


def test_there_are_chats() -> None:
    assert len(CHATS) > 2
