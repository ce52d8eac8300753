"""E-mail addresses as the portal keeps them."""

import unicodedata

from email_validator import EmailNotValidError, validate_email

LONGEST = 254


class WrongAddress(ValueError):
    """Not an e-mail address that mail can be sent to."""


def normalise(value: str) -> str:
    """The address in small letters, its domain in ASCII, so that a look-alike domain shows as ``xn--…``.

    Full-width characters become ordinary ones. No name server is asked. Raises ``WrongAddress``.
    """
    if len(value) > LONGEST:
        raise WrongAddress
    try:
        found = validate_email(
            unicodedata.normalize("NFKC", value.strip()), check_deliverability=False, allow_smtputf8=False
        )
    except EmailNotValidError as error:
        raise WrongAddress from error
    address = (found.ascii_email or "").lower()
    if not address or len(address) > LONGEST:
        raise WrongAddress
    return address
