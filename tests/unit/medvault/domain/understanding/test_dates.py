from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvault.domain.date_doubts import Unclear
from medvault.domain.saying import wording
from medvault.domain.saying.language import ENGLISH
from medvault.domain.understanding.date_forms import Order
from medvault.domain.understanding.dates import (
    Dated,
    FutureDate,
    InvalidDate,
    LunarDate,
    Unsure,
    parse,
)

TODAY = date(2026, 11, 23)
DAYS = st.dates(min_value=date(1897, 1, 1), max_value=TODAY)
THIS_CENTURY = st.dates(min_value=date(2000, 1, 1), max_value=TODAY)
SCRIPTS = [
    "०१२३४५६७८९",
    "٠١٢٣٤٥٦٧٨٩",
    "۰۱۲۳۴۵۶۷۸۹",
    "๐๑๒๓๔๕๖๗๘๙",
    "০১২৩৪৫৬৭৮৯",
    "０１２３４５６７８９",
]
NAMES = {
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro "
    "dezembro",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "hi": "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "ar-SY": "كانون_الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين_الأول تشرين_الثاني "
    "كانون_الأول",
    "ar-TN": "جانفي فيفري مارس أفريل ماي جوان جويلية أوت سبتمبر أكتوبر نوفمبر ديسمبر",
    "ar-MA": "يناير فبراير مارس أبريل ماي يونيو يوليوز غشت شتنبر أكتوبر نونبر دجنبر",
}
WEEKDAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "pt": "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "hi": "सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार",
    "ar": "الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
}
TIMES = ["10:35", "10:35:12", "9:05 am", "10:35 p.m.", "10h35", "at 5 pm", "a las 10:35", "10:35 ص"]


def _forms(day: date) -> list[str]:
    d, m, y, name = day.day, day.month, day.year, wording.MONTHS[day.month - 1]
    ending = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(d, "th")
    numeric = [f"{d}{sign}{m}{sign}{y}" for sign in "/.- "]
    padded = [f"{d:02}/{m:02}/{y}", f"{d:02} / {m:02} / {y}", f"{d:02}. {m:02}. {y}"]
    named = [
        f"{d} {form} {y}" for form in (name, name[:3], name.upper(), name[:3].lower(), f"{name},")
    ]
    styled = [f"{d}-{name[:3]}-{y}", f"{d}{name[:3]}{y}", f"{d}{ending} {name} {y}"]
    spoken = [f"{d}{ending} of {name}, {y}", f"{name} {d}, {y}", f"{name[:3]}. {d}{ending}, {y}"]
    signed = [
        f"{y}年{m}月{d}日",
        f"{y}-{m:02}-{d:02}T10:35:00Z",
        f"{y}-{m:02}-{d:02} 10:35:00+05:30",
    ]
    return [
        *numeric, *padded, *named, *styled, *spoken, *signed, day.isoformat(), f"{y}/{m}/{d}",
        f"  {d} {name} {y}. ", f"{d}–{m}–{y}", f"\u200f{d}/{m}/{y}\u200e", ENGLISH.day(day),
        f"{d}\u200f/{m:02}\u200f/{y}", f"{y} {name} {d}",
    ]  # fmt: skip


def _spoken(day: date) -> list[str]:
    """A date in every language, as CLDR has its long form, and by hand."""
    forms = []
    for names in NAMES.values():
        month = names.split()[day.month - 1].replace("_", " ")
        forms += [f"{day.day} {month} {day.year}", f"{day.day} de {month} de {day.year}"]
        forms += [f"{day.day}-{month}-{day.year}", f"{month.upper()} {day.day}, {day.year}"]
    return forms


@given(DAYS)
def test_a_date_in_every_supported_form_reads_as_itself(day: date) -> None:
    for written in (*_forms(day), *_spoken(day)):
        assert parse(written, TODAY) == Dated(day), written


@given(DAYS, st.sampled_from(sorted(WEEKDAYS)), st.sampled_from(TIMES))
def test_a_weekday_and_a_time_may_stand_beside_a_date(day: date, where: str, time: str) -> None:
    weekday = WEEKDAYS[where].split()[day.weekday()]
    for written in (f"{day:%d/%m/%Y}", ENGLISH.day(day), day.isoformat()):
        assert parse(f"{weekday}, {written} {time}", TODAY) == Dated(day)
        assert parse(f"{written}, {time}", TODAY) == Dated(day)
    assert parse(f"10:35 {day:%d/%m/%Y} {weekday}", TODAY) == Dated(day)


@given(DAYS, st.sampled_from(SCRIPTS))
def test_digits_of_any_script_are_digits(day: date, digits: str) -> None:
    script = str.maketrans("0123456789", digits)
    for written in (f"{day:%d/%m/%Y}", day.isoformat(), ENGLISH.day(day)):
        assert parse(written.translate(script), TODAY) == Dated(day)


@given(THIS_CENTURY)
def test_two_digits_are_a_year_of_this_century(day: date) -> None:
    for written in (f"{day:%d/%m/%y}", f"{day:%d.%m.%y}", f"{day:%d-%b-%y}", f"{day:%d %b %y}"):
        assert parse(written, TODAY) == Dated(day)


@given(st.text())
def test_any_text_is_a_date_up_to_today_or_refused(text: str) -> None:
    try:
        days = [parse(text, TODAY).day]
    except Unsure as unsure:
        days = list(unsure.days)
    except (InvalidDate, FutureDate):
        return
    assert all(TODAY - timedelta(days=366 * 131) < day <= TODAY for day in days)


@given(st.integers(1, 31), st.integers(1, 12), st.integers(0, 99), st.sampled_from("/.- "))
def test_nothing_is_silently_read_as_another_century(d: int, m: int, y: int, sign: str) -> None:
    try:
        found = parse(f"{d}{sign}{m}{sign}{y:02}", TODAY)
    except (Unsure, InvalidDate, FutureDate):
        return
    assert found.day.year == 2000 + y


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 99))
def test_two_readings_with_dashes_are_asked_about(a: int, b: int, c: int) -> None:
    """Unless the clinic's own order gives one of the last year, and the other one does not."""
    text = f"{a:02}-{b:02}-{c:02}"
    try:
        found = parse(text, TODAY).day
    except (Unsure, InvalidDate, FutureDate):
        return
    try:
        other = date(2000 + a, b, c)
    except ValueError:
        return
    assert other == found or other > TODAY or TODAY - found < timedelta(days=366)


def test_the_clinic_says_which_number_is_the_day() -> None:
    assert parse("2/5/2019", TODAY).day == date(2019, 5, 2)
    assert parse("2/5/2019", TODAY, order=Order.MONTH_FIRST).day == date(2019, 2, 5)
    assert parse("2 May 2019", TODAY, order=Order.MONTH_FIRST).day == date(2019, 5, 2)


def test_today_and_yesterday_are_words() -> None:
    for text in (" TODAY ", "hoy", "hoje", "aujourd’hui", "आज", "اليوم"):
        assert parse(text, TODAY).day == TODAY
    for text in ("Yesterday.", "ayer", "ontem", "hier", "कल", "أمس"):
        assert parse(text, TODAY).day == date(2026, 11, 22)


@pytest.mark.parametrize("text", ["March 2026", "março de 2026", "मार्च २०२६", "03/2026", "2026-03"])
def test_a_month_is_enough(text: str) -> None:
    assert parse(text, TODAY) == Dated(date(2026, 3, 1), whole_month=True)


@pytest.mark.parametrize(
    ("text", "days", "why"),
    [
        ("19-05-02", ["2002-05-19", "2019-05-02"], Unclear.TWO_WAYS),
        ("02-05-19", ["2019-05-02", "2002-05-19"], Unclear.TWO_WAYS),
        ("May 12 08", ["2008-05-12", "2012-05-08"], Unclear.TWO_WAYS),
        ("12/13/2024", ["2024-12-13"], Unclear.ORDER),
        ("02/12/2026", ["2026-02-12"], Unclear.ORDER),
        ("2/5/99", ["1999-05-02"], Unclear.CENTURY),
        ("99-05-02", ["1999-05-02"], Unclear.CENTURY),
        ("Friday 14 March 2026", ["2026-03-14"], Unclear.WEEKDAY),
        ("Sunday 05/03/2026", ["2026-03-05", "2026-05-03"], Unclear.WEEKDAY),
        ("2/5/2569", ["2026-05-02"], Unclear.BUDDHIST),
        ("๒ พฤษภาคม ๒๕๖๙", ["2026-05-02"], Unclear.BUDDHIST),
        ("1405/02/12", ["2026-05-02"], Unclear.PERSIAN),
        ("۱۲ اردیبهشت ۱۴۰۵", ["2026-05-02"], Unclear.PERSIAN),
        ("30/12/1403", ["2025-03-20"], Unclear.PERSIAN),
        ("令和8年5月2日", ["2026-05-02"], Unclear.JAPANESE),
        ("平成元年5月2日", ["1989-05-02"], Unclear.JAPANESE),
        ("R8.5.2", ["2026-05-02"], Unclear.JAPANESE),
        ("Showa 63-4-5", ["1988-04-05"], Unclear.JAPANESE),
    ],
)
def test_what_is_in_doubt_is_asked_about(text: str, days: list[str], why: Unclear) -> None:
    with pytest.raises(Unsure) as unsure:
        parse(text, TODAY)
    assert [day.isoformat() for day in unsure.value.days] == days
    assert unsure.value.why is why


def test_a_weekday_tells_which_reading_is_meant() -> None:
    assert parse("Thursday 05/03/2026", TODAY).day == date(2026, 3, 5)
    assert parse("mar. 10 mars 2026", TODAY).day == date(2026, 3, 10)
    assert parse("dom 3 mayo 2026", TODAY).day == date(2026, 5, 3)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "a", "1", "5", "may", "2024", "12 Jan", "last monday", "20240305", "10:35",
        "05032024", "2019-13-01", "31/02/2020", "29 Feb 2023", "30 Feb 2024", "0/5/2019",
        "2/5-2019", "2/5/019", "2/5/20199", "2 Mayy 2019", "99/99/9999", "0000-01-01",
        "tomorrow", "in 2 days", "2/5/2019 or so", "👍", "²/5/2019x", "9" * 5000,
        "2 May 2019\n3 May 2019", "May June 2019", "Monday Tuesday 2 May 2019",
        "2 5", "1e3", "-2/5/2019", "²", "2 May 2019 25:00", "31/12/1403", "R8.13.2", "2 อาจ 2569",
    ],
)  # fmt: skip
def test_what_is_not_one_date_is_refused(text: str) -> None:
    with pytest.raises(InvalidDate):
        parse(text, TODAY)


def test_a_year_of_the_islamic_calendar_is_noticed() -> None:
    for text in ("12/5/1447", "١٢/٥/١٤٤٧"):
        with pytest.raises(LunarDate):
            parse(text, TODAY)


def test_the_29th_of_february_exists_every_four_years() -> None:
    assert parse("29 Feb 2024", TODAY).day == date(2024, 2, 29)


@pytest.mark.parametrize(
    "text",
    ["24/11/2026", "1 Jan 2027", "2999-01-01", "31/12/26", "2/5/27", "May 2027", "2/5/2100"],
)
def test_the_future_is_refused_as_such(text: str) -> None:
    with pytest.raises(FutureDate):
        parse(text, TODAY)


def test_a_day_that_has_begun_somewhere_has_come() -> None:
    assert parse("24/11/2026", TODAY, date(2026, 11, 24)).day == date(2026, 11, 24)
    assert parse("1/1/27", date(2026, 12, 31), date(2027, 1, 1)).day == date(2027, 1, 1)


def test_what_lies_over_130_years_back_is_refused() -> None:
    assert parse("1 Jan 1896", TODAY).day == date(1896, 1, 1)
    with pytest.raises(InvalidDate):
        parse("31 Dec 1895", TODAY)
