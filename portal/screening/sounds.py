"""Names as they sound: consonants of Latin spellings, and small tables for Arabic, Korean and Japanese letters.

Arabic writes no short vowels and Korean is romanised in several ways, so such words are compared with Latin ones by
what both keep. A word from Arabic letters begins with ``ARABIC``, one from Korean letters with ``KOREAN``.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from anyascii import anyascii

ARABIC, KOREAN = "*", "+"
ARABIC_LETTERS = {
    "ا": "a", "أ": "a", "إ": "i", "آ": "a", "ٱ": "a", "ب": "b", "پ": "p", "ت": "t", "ث": "th", "ج": "j", "چ": "ch",
    "ح": "h", "خ": "kh", "د": "d", "ذ": "dh", "ر": "r", "ز": "z", "ژ": "zh", "س": "s", "ش": "sh", "ص": "s", "ض": "d",
    "ط": "t", "ظ": "z", "ع": "a", "غ": "gh", "ف": "f", "ق": "q", "ك": "k", "ک": "k", "گ": "g", "ل": "l", "م": "m",
    "ن": "n", "ه": "h", "ة": "a", "و": "w", "ؤ": "w", "ي": "y", "ی": "y", "ى": "a", "ئ": "y", "ء": "", "ـ": "",
}  # fmt: skip
ARABIC_WORD = re.compile(r"^[\u0620-\u06ff]+$")
HANGUL_WORD = re.compile(r"^[\uac00-\ud7a3]+$")
KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u30fc]+")
ARABIC_SAME = str.maketrans("یىکہھۀأإآٱؤئےڑٹڈں", "ييكهههااااوييرتدن", "ـًٌٍَُِّْ\u0670")
# What may stand before a word without a space, and the words that it makes: longest first.
STARTS = (
    ("عبدال", ("abd", "al")), ("ابوال", ("abu", "al")), ("وال", ("wa", "al")), ("بال", ("al",)), ("لل", ("al",)),
    ("ابو", ("abu",)), ("ال", ("al",)),
)  # fmt: skip
ONE_SOUND = frozenset(("sh", "kh", "gh", "th", "dh", "zh", "ch", "ph", "ts", "tz", "dj", "ck"))
OF_GOD = re.compile("(?<=[\u0620-\u06ff])(?<!الله)(?<!اللہ)[ \u200c]+(?=(?:الله|اللہ)(?:[^\u0620-\u06ff]|$))")
FAITHFUL = "الدين"
GOD = "الله"  # begins as if with the article, and is one word
# Family names as they are mostly written, where the revised romanisation differs from all that is in use.
FAMILY = {"이": "i", "리": "i", "박": "bak", "최": "choe", "임": "im", "림": "im", "유": "yu", "류": "yu", "노": "no",
    "로": "no", "우": "u", "오": "o", "김": "gim", "정": "jeong", "조": "jo", "강": "gang", "장": "jang", "윤": "yun",
    "한": "han", "신": "sin", "서": "seo", "권": "gwon", "황": "hwang", "안": "an", "송": "song", "홍": "hong",
    "전": "jeon", "고": "go", "문": "mun", "양": "yang", "손": "son", "배": "bae", "백": "baek", "허": "heo",
    "남": "nam", "심": "sim", "곽": "gwak", "성": "seong", "차": "cha", "주": "ju", "구": "gu", "나": "na",
    "라": "na", "진": "jin", "지": "ji", "엄": "eom", "원": "won", "천": "cheon", "방": "bang", "공": "gong",
    "현": "hyeon", "함": "ham", "변": "byeon", "염": "yeom", "여": "yeo", "추": "chu", "도": "do", "석": "seok",
    "선": "seon", "설": "seol", "마": "ma", "길": "gil", "연": "yeon", "위": "wi", "표": "pyo", "명": "myeong",
    "기": "gi", "반": "ban", "왕": "wang", "금": "geum", "옥": "ok", "육": "yuk", "인": "in", "맹": "maeng",
    "제": "je", "모": "mo", "탁": "tak", "국": "guk", "어": "eo", "은": "eun", "편": "pyeon", "용": "yong",
    "태": "tae", "량": "yang", "렴": "yeom", "윌": "wil",
}  # fmt: skip
KOREAN_SOUNDS = tuple(
    (spelled if spelled.isalpha() else re.compile(spelled), sound)
    for spelled, sound in (
        ("^park$", "pak"), ("^lee$|^yi$|^rhee$|^ri$|^li$|^rhie$", "i"), ("^choi$", "choe"), ("^noh$|^roh$|^ro$", "no"),
        ("^moon$", "mun"), ("^[lr](?=[iy])", ""), ("^y(?=i)", ""), ("^wo+", "u"), ("sh", "s"), ("eo|eu|oo|ou", "u"),
        ("ae|oe|oi|ay|ai", "e"), ("ee|ui|ey", "i"), ("o", "u"), ("wu", "u"), ("uh", "u"), ("ah", "a"), ("g|q", "k"),
        ("kk", "k"), ("d", "t"), ("tt", "t"), ("b|v", "p"), ("pp", "p"), ("j|ch|tch|z", "c"), ("cc", "c"),
        ("ss", "s"), ("r", "l"), ("ll", "l"), ("nk", "ng"), ("x", "ks"), ("iu", "yu"), ("ye", "yu"),
    )
)  # fmt: skip
SOUNDS = (
    ("sch", "s"), ("tch", "c"), ("kh", "h"), ("gh", "g"), ("ph", "f"), ("th", "t"), ("dh", "d"), ("sh", "s"),
    ("zh", "z"), ("ch", "c"), ("ck", "k"), ("q", "k"), ("x", "ks"), ("w", "v"), ("dj", "j"), ("ts", "s"), ("tz", "s"),
    ("ce", "se"), ("ci", "si"), ("cy", "sy"),
)  # fmt: skip
VOWELS = re.compile(r"[aeiouyh]")
WEAK = re.compile(r"h$|[aeiouywv'`]")
ABJAD_SOUNDS = {
    "sch": "s", "tch": "s", "kh": "h", "gh": "k", "dj": "j", "ph": "f", "th": "d", "dh": "d", "sh": "s", "ch": "s",
    "ck": "k", "ts": "s", "ce": "s", "ci": "s", "cy": "s", "q": "k", "x": "ks", "g": "k", "p": "b", "c": "k", "z": "d",
    "t": "d",
}  # fmt: skip
ABJAD_SPELLED = re.compile("|".join(ABJAD_SOUNDS))
DOUBLED = re.compile(r"(.)\1+")


@lru_cache(maxsize=65536)
def skeleton(token: str) -> str:
    """Consonants as they sound, so that spellings of one foreign name fall together (Qaddafi, Gadhafi)."""
    text = token
    for spelled, sound in SOUNDS:
        text = text.replace(spelled, sound)
    head, rest = text[:1], VOWELS.sub("", text[1:])
    head = "a" if head in "aeiou" else head
    return DOUBLED.sub(r"\1", head + rest)


@lru_cache(maxsize=65536)
def abjad(token: str) -> str:
    """What Arabic letters and a Latin spelling of the same word have in common: the firm consonants, roughly."""
    text = ABJAD_SPELLED.sub(lambda found: ABJAD_SOUNDS[found[0]], token)
    return DOUBLED.sub(r"\1", WEAK.sub("", text))


@lru_cache(maxsize=65536)
def korean(token: str) -> str:
    """A Korean word as it sounds, in whichever romanisation it is written (Jong, Jung, Jeong)."""
    for spelled, sound in KOREAN_SOUNDS:
        token = token.replace(spelled, sound) if isinstance(spelled, str) else spelled.sub(sound, token)
    return token


def arabic_plain(word: str) -> str:
    """A word in Arabic letters in one spelling: Persian and Urdu letters as the Arabic ones, no seats of hamza."""
    return word.translate(ARABIC_SAME)


def arabic_words(word: str, known: Mapping[str, str]) -> list[str]:
    """A word in Arabic letters (``arabic_plain``) romanised letter by letter, or as ``known`` has it; the article,
    "servant of", "father of", "and the" and two known words that nothing holds apart stand apart.
    """
    if word in known:
        return [known[word]]
    for start, apart in STARTS:
        if word.startswith(start) and len(word) > len(start) + 1 and not word.endswith(GOD):
            return [*apart, *_stem(word[len(start) :], known)]
    if word.endswith(FAITHFUL):
        name = word[: -len(FAITHFUL)]
        return [*(_stem(name, known) if name else ()), "al", "din"]
    for cut in range(2, len(word) - 1):
        if word[:cut] in known and word[cut:] in known and not word.endswith(GOD):
            return [known[word[:cut]], known[word[cut:]]]
    return _stem(word, known)


def _stem(word: str, known: Mapping[str, str]) -> list[str]:
    if word in known:
        return [known[word]]
    spelled = _spelled(word)
    return [ARABIC + spelled] if spelled else []


def _spelled(word: str) -> str:
    """Letter by letter; where two letters would read as one sound (s, h) a vowel stands between them."""
    spelled = ""
    for letter in re.sub("ه$", "ة", word):
        sound = ARABIC_LETTERS.get(letter, "")
        spelled += "a" + sound if spelled[-1:] + sound[:1] in ONE_SOUND else sound
    return re.sub("all(?:a|ah)?$", "allah", spelled)


def korean_words(word: str) -> list[str]:
    """A word in Korean letters romanised; one of two to four syllables is a person's, the family name apart."""
    family = FAMILY.get(word[0])
    if family and 2 <= len(word) <= 4:
        return [KOREAN + family, KOREAN + anyascii(word[1:]).lower()]
    return [KOREAN + anyascii(word).lower()]


SERVANT = re.compile(r"^abd(?:ou|[aeou])(?:l|([rstznd])(?=\1))(?!l?ah|l?a$)(?=[a-z]{3})")
OF_FAITH = re.compile(r"^([a-z]{3,}?)[aeiouy]?dd(?:in|ine|een|ene|yn)$")
FAITH = ("ddin", "ddine", "ddeen", "ddene", "ddyn")


def servant_of(word: str) -> list[str]:
    """A Latin word that joins what the list's other spellings do not: "servant of" and a name, a name and "of the
    faith" (Abdulghafar, Abdurrahman, Nasiruddin).
    """
    if found := SERVANT.match(word):
        return ["abd", "al", word[found.end() :]]
    if word.endswith(FAITH) and (faithful := OF_FAITH.match(word)):
        return [faithful[1], "al", "din"]
    return [word]


def whole_words(text: str) -> str:
    """Text with Japanese syllables romanised and Arabic names that end in "of God" as one word."""
    return text if text.isascii() else kana(OF_GOD.sub("", text))


def kana(text: str) -> str:
    """Japanese syllables romanised in the usual way (Hepburn), long vowels short as in Tokyo."""
    return KANA.sub(lambda found: " " + _hepburn(found[0]) + " ", text) if KANA.search(text) else text


def _hepburn(run: str) -> str:
    spelled = ""
    doubled = False
    for letter in run:
        if letter in "っッ":
            doubled = True
            continue
        if letter == "ー":
            continue
        if letter in "ゃゅょャュョ":
            vowel = {"ゃ": "a", "ゅ": "u", "ょ": "o", "ャ": "a", "ュ": "u", "ョ": "o"}[letter]
            spelled = spelled.removesuffix("i") + ("" if spelled.endswith(("shi", "chi", "ji")) else "y") + vowel
            continue
        if letter in "ぁぃぅぇぉァィゥェォ":
            spelled = spelled[:-1] + anyascii(letter).lower()
            continue
        syllable = anyascii(letter).lower()
        spelled += (syllable[:1] if doubled else "") + syllable
        doubled = False
    return spelled.replace("ou", "o").replace("oo", "o").replace("uu", "u")
