"""Names of months and weekdays in the languages of the project, and what stands beside them.

As CLDR has them for English, Spanish, Portuguese, French, Hindi and Arabic (of Egypt, the Levant
and the Maghreb), with other spellings; and the months of the Persian and the Thai calendar.
"""

import unicodedata
from collections.abc import Iterable

_MONTHS = (
    "jan january ene enero janv janvier janeiro जनवरी जन يناير جانفي كانون_الثاني",
    "feb february febrero fev fevr fevereiro fevrier फरवरी फर فبراير فيفري شباط",
    "mar march marzo março mars मार्च مارس آذار",
    "apr april abr abril avr avril अप्रैल अप्रेल أبريل إبريل أفريل نيسان",
    "may mayo mai maio मई مايو ماي أيار",
    "jun june junio junho juin जून يونيو جوان حزيران",
    "jul july julio julho juil juill juillet जुलाई जुल يوليو جويلية يوليوز تموز",
    "aug august ago agosto août अगस्त अग أغسطس أوت غشت آب",
    "sep sept september septiembre setiembre set setembro septembre सितंबर सितम्बर सित سبتمبر شتنبر أيلول",
    "oct october octubre out outubro octobre अक्टूबर अक्तूबर अक्टू أكتوبر تشرين_الأول",
    "nov november noviembre novembro novembre नवंबर नवम्बर नव نوفمبر نونبر تشرين_الثاني",
    "dec december dic diciembre dez dezembro decembre दिसंबर दिसम्बर दिस ديسمبر دجنبر كانون_الأول",
)
_PERSIAN = "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند"
_THAI = "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม"
_WEEKDAYS = (
    "mon monday lun lunes lundi seg segunda segunda_feira सोमवार सोम الاثنين الإثنين",
    "tue tues tuesday mar martes mardi ter terça terça_feira मंगलवार मंगल الثلاثاء",
    "wed wednesday mie miercoles mer mercredi qua quarta quarta_feira बुधवार बुध الأربعاء",
    "thu thur thurs thursday jue jueves jeu jeudi qui quinta quinta_feira गुरुवार गुरु बृहस्पतिवार الخميس",
    "fri friday vie viernes ven vendredi sex sexta sexta_feira शुक्रवार शुक्र الجمعة",
    "sat saturday sab sabado sam samedi शनिवार शनि السبت",
    "sun sunday dom domingo dim dimanche रविवार रवि इतवार الأحد",
)
_BESIDE = "of on the de del do da el le du em को की في يوم بتاريخ st nd rd th er o a ad ce م พ ศ"
_DAYS_BACK = ("today hoy hoje aujourd'hui आज اليوم", "yesterday ayer ontem hier कल أمس")
_KEPT_MARKS = range(0x0900, 0x0E80)  # vowel signs, from Devanagari to Thai
_NUKTA = "\N{DEVANAGARI SIGN NUKTA}"
_ONE_LETTER = str.maketrans("یک", "يك", "\N{ARABIC TATWEEL}'’॰" + _NUKTA)


def folded(text: str) -> str:
    """Return a text without what people leave out: accents, vowel marks, nuktas, apostrophes."""
    if text.isascii():
        return text.casefold().replace("'", "")
    apart = unicodedata.normalize("NFD", text.casefold())
    bare = "".join(one for one in apart if not _left_out(one))
    return unicodedata.normalize("NFC", bare).translate(_ONE_LETTER)


def _left_out(character: str) -> bool:
    return unicodedata.category(character) == "Mn" and ord(character) not in _KEPT_MARKS


def _spaced(lines: Iterable[str], first: int) -> dict[str, int]:
    """Number the names of lines; an underscore stands for the space within a name."""
    return {
        name.replace("_", " "): number
        for number, line in enumerate(lines, start=first)
        for name in folded(line).split()
    }


MONTHS = _spaced(_MONTHS, 1)
PERSIAN_MONTHS = _spaced(_PERSIAN.split(), 1)
THAI_MONTHS = _spaced(_THAI.split(), 1)
WEEKDAYS = _spaced(_WEEKDAYS, 0)
"""Their numbers as `date.weekday` has them."""
BESIDE = frozenset(folded(_BESIDE).split())
"""Words that may stand in a date and mean nothing for it."""
DAYS_BACK = _spaced(_DAYS_BACK, 0)
