"""What becomes of others' styles on their way to the browser."""

import re

from portal.config import SOURCE_ROOT
from portal.web import assets

SHEET = (
    '@font-face{font-family:GDS Transport;src:url("x.woff2")}'
    '.a{font-family:GDS Transport,arial,sans-serif}.b{font-family:"GDS Transport", Arial, sans-serif}'
)


def test_the_face_of_another_country_s_services_is_gone_and_the_portal_s_family_stands_in_its_place() -> None:
    assert assets.without_foreign_fonts(SHEET) == ".a{font-family:var(--portal-font)}.b{font-family:var(--portal-font)}"


def test_a_page_is_set_in_one_family() -> None:
    served = (SOURCE_ROOT / "static" / "vendor" / "govuk-frontend.css").read_text("utf-8")
    assert set(re.findall(r"font-family:([^;}]+)", served)) == {"var(--portal-font)", "sans-serif"}, (
        "sans-serif is that of the print rules"
    )
