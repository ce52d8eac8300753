"""Countries as the lists print them, to ISO 3166-1 alpha-2."""

from functools import cache

import pycountry

# Names that ISO 3166 does not know, as OFAC, the United Nations and the United States' consolidated list print them.
PLACES = {
    "burma": "MM", "congo, democratic republic of the": "CD", "congo, republic of the": "CG", "cote d ivoire": "CI",
    "korea, north": "KP", "korea, south": "KR", "the gambia": "GM", "palestinian": "PS", "russia": "RU",
    "turkey": "TR", "west bank": "PS", "region: gaza": "PS", "kosovo": "XK", "bahamas, the": "BS", "macau": "MO",
    "region: crimea": "UA", "vatican city": "VA",
    "democratic republic of the congo": "CD", "democratic people's republic of korea": "KP", "dprk": "KP",
    "united republic of tanzania": "TZ", "republic of korea": "KR", "state of palestine": "PS",
    "occupied palestinian territory": "PS", "united kingdom of great britain and northern ireland": "GB",
    "iran (islamic republic of)": "IR", "islamic republic of iran": "IR", "syrian arab republic": "SY",
    "russian federation": "RU", "türkiye": "TR", "united states of america": "US", "libyan arab jamahiriya": "LY",
    "côte d'ivoire": "CI", "ivory coast": "CI", "laos": "LA", "tanzania": "TZ", "north korea": "KP",
    "south korea": "KR", "viet nam": "VN", "palestine": "PS", "prc": "CN", "brunei": "BN",
    "china, hong kong special administrative region": "HK",
}  # fmt: skip


@cache
def country_code(name: str) -> str:
    """ISO 3166-1 alpha-2 of a country as a list prints it; empty where it is none or not known."""
    if not name:
        return ""
    if known := PLACES.get(name.strip().casefold()):
        return known
    try:
        return str(pycountry.countries.lookup(name.strip()).alpha_2)
    except LookupError:
        return ""
