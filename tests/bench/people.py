"""Names of people who do not exist, made by Faker in the Python of the opponents' virtual environment.

In: a JSON list of [languages, how many, seed]. Out: a JSON list of names. As in the published set of negatives that was
measured with before (yente, ``contrib/validation_report``): given name, in half of the cases another, family name.
"""

import json
import random
import sys
from importlib import import_module


def main() -> None:
    made = []
    for languages, count, seed in json.load(sys.stdin):
        faker = import_module("faker").Faker(languages)
        faker.seed_instance(seed)
        chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
        for _ in range(count):
            of_language = faker[chance.choice(languages)]
            given = [of_language.first_name() for _ in range(1 + (chance.random() < 0.5))]
            made.append(" ".join([*given, of_language.last_name()]))
    json.dump(made, sys.stdout)


if __name__ == "__main__":
    main()
