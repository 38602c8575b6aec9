"""Signatures of deliveries, as a receiver checks them."""

import hashlib
import hmac

from shared.webhook_signatures import derive_secret, sign_delivery

KEY = b"k" * 32


def test_a_receiver_checks_a_signature_with_the_secret_the_time_and_the_body():
    secret = derive_secret(KEY, "a" * 32)

    signature = sign_delivery(secret, b'{"a":1}', 1_795_513_200)

    expected = hmac.new(secret.encode(), b'1795513200.{"a":1}', hashlib.sha256).hexdigest()
    assert signature == f"t=1795513200,v1={expected}"


def test_each_search_has_a_secret_of_its_own_that_stays():
    secrets = {derive_secret(KEY, each * 32) for each in "abc"}

    assert len(secrets) == 3
    assert derive_secret(KEY, "a" * 32) in secrets
    assert derive_secret(b"x" * 32, "a" * 32) not in secrets
