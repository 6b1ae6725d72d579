# Gives every array of the input back, through numpy: round_trip.py INPUT OUTPUT [--reversed]
import json, os, sys
import numpy as np

input_path, output_path = sys.argv[1:3]
count = 0

def through(value):
    global count
    if isinstance(value, dict) and "$npy" in value:
        count += 1
        array = np.load(value["$npy"])
        if "--reversed" in sys.argv:
            array = np.asfortranarray(array.astype(array.dtype.newbyteorder(">")))
        np.save(os.path.join(os.path.dirname(output_path), f"back-{count}.npy"), array)
        return {"$npy": f"back-{count}.npy"}
    if isinstance(value, dict):
        return {key: through(inner) for key, inner in value.items()}
    return [through(inner) for inner in value] if isinstance(value, list) else value

with open(input_path) as file:
    result = through(json.load(file))
with open(output_path, "w") as file:
    json.dump({**result, "mean": float("nan")}, file)
