# Its second game never ends.
import json
from telling import item, tell

with item("game 1"):
    tell("partial", value={"won": 1})
print(json.dumps({"won": 1}))
with item("game 2"):
    while True:
        pass
