"""A report on its way into the vault, by typing and by tapping."""

from support.stack.phone import Message, Phone, choice


def typed(phone: Phone) -> None:
    """Answers the questions about a file that was just sent, all by typing."""
    phone.answer("What date")
    answered(phone)


def answered(phone: Phone) -> None:
    """Answers the questions, the first of which was seen."""
    phone.say("2 May 2019", "Which hospital")
    phone.say("City Hospital", "What kind")
    phone.say("blood test", "Shall I file it?")
    phone.say("yes", "Filed: Lab test, City Hospital, 2 May 2019")


def tapped(phone: Phone) -> None:
    """Answers by tapping; a first hospital has to be typed."""
    asked = phone.answer("What date")
    phone.tap(choice(asked, "Yesterday"), "Which hospital")
    asked = phone.say("City Hospital", "What kind")
    asked = phone.tap(choice(asked, "Lab test"), "Shall I file it?")
    phone.tap(choice(asked, "File it"), "Filed: Lab test, City Hospital")


def file_pdf(phone: Phone, pdf: bytes) -> None:
    """Files a PDF."""
    phone.send_file(pdf, "report.pdf", "application/pdf")
    typed(phone)


def list_one(phone: Phone) -> Message:
    """Asks for the list, on which one report must be."""
    return phone.say("LIST", "1 to 1 of 1")


def asked_for_date(phone: Phone, pdf: bytes) -> Message:
    """Sends a PDF, up to the question for its date."""
    phone.send_file(pdf, "report.pdf", "application/pdf")
    return phone.answer("What date")
