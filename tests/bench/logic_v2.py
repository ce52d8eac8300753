"""nomenklatura's logic-v2, run by the Python of its own virtual environment: pairs in on standard input, scores out.

In: a JSON list of [name, other name, whether firms]. Out: ``{"version", "scores", "seconds"}``, seconds for each pair.
"""

import json
import sys
import time
from importlib import import_module

# It reads its dictionaries with the first names of a kind.
WARM_UP = (("John Smith", "Smith, Jon", False), ("Acme LLC", "Acme Ltd", True), ("王伟", "Wang Wei", False))


def main() -> None:
    matching = import_module("nomenklatura.matching")
    model = import_module("followthemoney").model
    algorithm = matching.get_algorithm("logic-v2")
    scores, seconds = [], []
    pairs = json.load(sys.stdin)
    for at, (one, other, firm) in enumerate([*WARM_UP, *pairs]):
        entities = []
        for side, name in enumerate((one, other)):
            entity = model.make_entity("Company" if firm else "Person")
            entity.id = f"pair-{at}-{side}"  # it remembers names by number: each needs one of its own
            entity.add("name", name)
            entities.append(entity)
        config = algorithm.default_config()
        begun = time.perf_counter()
        scores.append(float(algorithm.compare(*entities, config).score))
        seconds.append(time.perf_counter() - begun)
    first = len(WARM_UP)
    told = {"version": import_module("nomenklatura").__version__, "scores": scores[first:], "seconds": seconds[first:]}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
