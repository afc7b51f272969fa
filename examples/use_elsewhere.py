"""Train, save, load elsewhere, and export for programs that know nothing of Inklings.

python examples/use_elsewhere.py        # needs the extra onnx: pip install 'inklings[onnx]'
"""

import numpy as np
import onnx

import inklings

split = inklings.open_dataset("digits").split()
plan = inklings.preset("softmax", split.dataset.image_shape, split.dataset.class_count)
fitted = inklings.fit(plan.network, plan.recipe, split)
fitted.to_model(complete=True).save("digits.inkling")  # measured and calibrated, as `inklings train --save` does

model = inklings.load("digits.inkling")
accuracy, (low, high) = model.training["accuracy"], model.training["interval"]
print(f"{accuracy:.1%} of {model.training['n']:,} test images ({low:.1%} to {high:.1%})")

onnx.save(model.to_onnx(input="prepared"), "digits.onnx")
script, weights = inklings.export.write_script(model, "torch", "in_torch.py")
print("written:", "digits.onnx", script, weights)

try:
    import onnxruntime
except ImportError:
    print("pip install onnxruntime to run digits.onnx")
else:
    session = onnxruntime.InferenceSession("digits.onnx")
    (probabilities,) = session.run(None, {"images": np.asarray(split.test.images[:], np.float32)})
    same = np.allclose(probabilities, model.predict_proba(split.test), atol=1e-5)
    print("ONNX Runtime gives the same probabilities:", same)
