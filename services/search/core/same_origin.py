"""Whether a form was sent from a page of this site: a browser says it, and pages of others cannot make it say something else.

https://www.w3.org/TR/fetch-metadata/ (`Sec-Fetch-Site`), RFC 6454 (`Origin`).
"""


def is_same_origin(fetch_site: str | None, origin: str | None, own_origins: frozenset[str]) -> bool:
    """From the headers `Sec-Fetch-Site` and `Origin`; what brings neither is not from a browser's form.

    Browsers leave `Sec-Fetch-Site` out where a site has no TLS.
    """
    if fetch_site is not None:
        return fetch_site == "same-origin"
    return origin is not None and origin.lower() in own_origins
