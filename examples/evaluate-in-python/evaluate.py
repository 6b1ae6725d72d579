# Run as: python3 evaluate.py INPUT OUTPUT. Scores a polynomial on points that the training has never seen.
import json, os, sys
from pathlib import Path
import numpy as np

def tell(type, **fields):  # one JSON line on the descriptor that Pitwall reads; run by hand, on stderr
    os.write(int(os.environ.get("PITWALL_FD", 2)), (json.dumps({"type": type, **fields}) + "\n").encode())

input, output = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
weights = np.load(input["weights"]["$npy"])  # a Float64Array there, an array of float64 here

batches = np.array_split(np.linspace(-1, 1, 1001), 10)
errors = []
for done, batch in enumerate(batches, start=1):
    tell("item", name=f"batch {done}")  # itemTimeMs counts from here
    errors.append(np.polynomial.polynomial.polyval(batch, weights) - np.sin(3 * batch))
    tell("item-end", name=f"batch {done}")
    tell("progress", done=done, total=len(batches))
    tell("partial", value={"rmse": float(np.sqrt(np.mean(np.concatenate(errors) ** 2)))})

errors = np.concatenate(errors)
worst = int(np.argmax(np.abs(errors)))
np.save(output.parent / "errors.npy", errors.astype("f4"))  # an array of the result lies beside it
output.write_text(json.dumps({
    "rmse": float(np.sqrt(np.mean(errors**2))),
    "worst": {"at": round(float(np.concatenate(batches)[worst]), 3), "error": float(abs(errors[worst]))},
    "errors": {"$npy": "errors.npy"},
}))
