"""(f) A question for a certificate's status against the barest Flask route."""

from collections.abc import Iterator

from flask import Flask, jsonify

from portal.app import create_app
from tests.bench.farm import Row, a_second, duel, milliseconds
from tests.bench.world import World
from tests.certificates.samples import issue_one


def rows(world: World, *, quick: bool) -> Iterator[Row]:
    """Both applications in this process, asked through their test clients."""
    with world.sessions() as session:
        number = issue_one(session, world.issuer, world.settings).number
        session.commit()
    app = create_app(world.settings, TESTING=True, RATELIMIT_ENABLED=False)
    client = app.test_client()
    bare = Flask("bare")

    @bare.get("/verify/<number>")
    def told(number: str) -> object:
        return jsonify(number=number, state="valid")

    plain = bare.test_client()
    address = f"/verify/{number}?format=json"
    assert client.get(address).json["state"] == "valid"
    kinds = (
        (
            "status of a certificate as signed JSON",
            address,
            "a signature is made for every answer; 2,000/s at ports are so many cores",
        ),
        ("the same as a page", f"/verify/{number}", "the page verifies the register's own record before it shows it"),
        ("the first page", "/", "what the frame alone costs: template, language, headers"),
    )
    for name, place, means in kinds:
        found = duel(
            lambda place=place: client.get(place),
            lambda: plain.get(address),
            rounds=3 if quick else 30,
            batch=3 if quick else 10,
            warm_up=3,
        )
        yield Row(
            f"(f) {name}",
            f"{milliseconds(found.mine)}, {a_second(found.mine)} on one core",
            f"a bare Flask route: {milliseconds(found.other)}",
            found.ratio,
            means,
        )
    app.extensions["portal_engine"].dispose()
