"""Asks serve as Python programs ask TensorFlow Serving: with requests over REST, with grpcio and TensorFlow's messages.

The stubs are made by grpcio-tools from TensorFlow Serving's own definitions. What the server answers must be what Python
TensorFlow computes with the same SavedModels, and what the samples have beside them. Prints a line per check and
"N passed, M failed"; exits with 1 if any failed.
"""

import importlib
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import grpc
import grpc_tools.protoc
import numpy as np
import requests
import tensorflow as tf

import cases

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = PROJECT / "savedmodels" / "samples"
MODELS = ("output-layer", "language-model", "classifier")
TOLERANCE = 1e-4


def make_stubs(directory):
    """TensorFlow's own messages come with Python TensorFlow; those of TensorFlow Serving are made here."""
    definitions = directory / "definitions"
    for source in ("protobuf", "protobuf-tensorflow"):
        shutil.copytree(PROJECT / "src" / "main" / source, definitions, dirs_exist_ok=True)
    # Where TensorFlow 2.21 has its error codes.
    shutil.move(definitions / "tsl", definitions / "xla" / "tsl")
    sys.modules["xla"] = importlib.import_module("tensorflow.compiler.xla")
    files = sorted((definitions / "tensorflow_serving").rglob("*.proto"))
    for path in files:
        path.write_text(path.read_text().replace('import "tsl/', 'import "xla/tsl/'))
    code = grpc_tools.protoc.main(
        ["protoc", f"-I{definitions}", f"-I{pathlib.Path(grpc_tools.protoc.__file__).parent / '_proto'}"]
        + [f"--python_out={directory}", f"--grpc_python_out={directory}", *map(str, files)])
    assert code == 0, f"protoc ended with {code}"
    sys.path.insert(0, str(directory))


def near(found, expected):
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(near(found[key], expected[key]) for key in expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(near, found, expected))
    if isinstance(expected, float):
        return abs(found - expected) <= TOLERANCE
    return found == expected


class Served:
    """The samples, served by their own models.config."""

    def __init__(self, directory):
        config = directory / "models.config"
        config.write_text((SAMPLES / "models.config").read_text().replace("/models/", f"{SAMPLES}/"))
        command = [PROJECT / "tools" / "adaptive-softmax", "serve", "--config", config, "--json"]
        self.process = subprocess.Popen([*command, "--port", "0", "--grpc-port", "0"], stdout=subprocess.PIPE, text=True)
        ready = json.loads(self.process.stdout.readline())
        self.rest = ready["rest"]
        self.channel = grpc.insecure_channel(ready["grpc"])

    def url(self, model, method=""):
        return f"{self.rest}/v1/models/{model}{method}"

    def stop(self):
        self.channel.close()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        assert code == 0, f"exit code {code} after SIGTERM"


def rest_answers_the_samples(served):
    for model in MODELS:
        for path in sorted((SAMPLES / "requests" / model).glob("*.json")):
            method = ":classify" if path.stem == "classify" else ":predict"
            answer = requests.post(served.url(model, method), data=path.read_bytes(), timeout=60)
            expected = json.loads((SAMPLES / "answers" / model / path.name).read_text())
            assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
            assert near(answer.json(), expected), f"{path}: {answer.text}, not {expected}"


def rest_tells_its_models(served):
    status = requests.get(served.url("classifier", "/labels/stable"), timeout=60).json()
    assert [one["state"] for one in status["model_version_status"]] == ["AVAILABLE"], status
    metadata = requests.get(served.url("classifier", "/metadata"), timeout=60).json()
    assert "classify" in metadata["metadata"]["signature_def"]["signature_def"], metadata
    assert requests.get(served.rest + "/health", timeout=60).status_code == 204
    metrics = requests.get(served.rest + "/monitoring/prometheus/metrics", timeout=60).text
    assert "adaptive_softmax_server_requests_seconds_count" in metrics, metrics


def rest_refuses(served):
    row = {"instances": [[0.0] * 3]}
    for model, method, body, code in (
        ("nosuch", ":predict", row, 404),
        ("output-layer/versions/9", ":predict", row, 404),
        ("output-layer/labels/nosuch", ":predict", row, 400),
        ("output-layer", ":predict", row, 400),
        ("output-layer", ":predict", {"instances": []}, 400),
        ("output-layer", ":regress", {"examples": [{"a": 1}]}, 400),
    ):
        answer = requests.post(served.url(model, method), json=body, timeout=60)
        assert answer.status_code == code and list(answer.json()) == ["error"], f"{model}{method}: {answer.text}"


def grpc_answers_as_tensorflow_computes(served):
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    stub = prediction_service_pb2_grpc.PredictionServiceStub(served.channel)
    rows = np.random.default_rng(1).normal(size=(5, 16)).astype(np.float32)
    texts = np.array(["when the storm", "the old sailor", ""], dtype=object)
    for model, name, value in (("output-layer", "inputs", rows), ("language-model", "text", texts)):
        loaded = tf.saved_model.load(str(SAMPLES / model / "1"))
        for signature in ("serving_default", "head_only", "log_prob"):
            request = predict_pb2.PredictRequest()
            request.model_spec.name = model
            request.model_spec.signature_name = signature
            request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
            answer = stub.Predict(request, timeout=60)
            assert answer.model_spec.version.value == 1 and answer.model_spec.signature_name == signature
            expected = loaded.signatures[signature](**{name: tf.constant(value)})
            assert answer.outputs.keys() == expected.keys(), f"{model} {signature}: {answer.outputs.keys()}"
            for output, tensor in expected.items():
                found = tf.make_ndarray(answer.outputs[output])
                same = np.allclose(found, tensor, atol=TOLERANCE) if tensor.dtype == tf.float32 else np.array_equal(
                    found, tensor)
                assert same, f"{model} {signature} {output}: {found}, not {tensor}"


def grpc_classifies(served):
    from tensorflow_serving.apis import classification_pb2, prediction_service_pb2_grpc

    stub = prediction_service_pb2_grpc.PredictionServiceStub(served.channel)
    request = classification_pb2.ClassificationRequest()
    request.model_spec.name = "classifier"
    request.model_spec.signature_name = "classify"
    example = request.input.example_list.examples.add()
    example.features.feature["text"].bytes_list.value.append(b"When does the last boat leave?")
    found = [(one.label, one.score) for one in stub.Classify(request, timeout=60).result.classifications[0].classes]
    loaded = tf.saved_model.load(str(SAMPLES / "classifier" / "1"))
    expected = loaded.signatures["classify"](inputs=tf.constant([example.SerializeToString()]))
    assert [label.encode() for label, _ in found] == list(expected["classes"].numpy()[0]), found
    assert np.allclose([score for _, score in found], expected["scores"].numpy()[0], atol=TOLERANCE), found


def grpc_tells_its_models(served):
    from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2
    from tensorflow_serving.apis import model_service_pb2_grpc, prediction_service_pb2_grpc

    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = "language-model"
    answer = prediction_service_pb2_grpc.PredictionServiceStub(served.channel).GetModelMetadata(request, timeout=60)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert answer.metadata["signature_def"].Unpack(signatures)
    assert signatures.signature_def["sample"].inputs["temperature"].dtype == tf.float32.as_datatype_enum
    status = get_model_status_pb2.GetModelStatusRequest()
    status.model_spec.name = "language-model"
    versions = model_service_pb2_grpc.ModelServiceStub(served.channel).GetModelStatus(status, timeout=60)
    available = get_model_status_pb2.ModelVersionStatus.AVAILABLE
    assert [(one.version, one.state) for one in versions.model_version_status] == [(1, available)], versions
    # grpc.health.v1: an empty request, and the status SERVING.
    health = served.channel.unary_unary("/grpc.health.v1.Health/Check")
    assert health(b"", timeout=60) == b"\x08\x01"


def grpc_refuses(served):
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    stub = prediction_service_pb2_grpc.PredictionServiceStub(served.channel)
    for model, signature, width, code in (
        ("nosuch", "serving_default", 16, grpc.StatusCode.NOT_FOUND),
        ("output-layer", "nosuch", 16, grpc.StatusCode.FAILED_PRECONDITION),
        ("output-layer", "serving_default", 3, grpc.StatusCode.INVALID_ARGUMENT),
    ):
        request = predict_pb2.PredictRequest()
        request.model_spec.name = model
        request.model_spec.signature_name = signature
        request.inputs["inputs"].CopyFrom(tf.make_tensor_proto(np.zeros((1, width), np.float32)))
        try:
            answer = stub.Predict(request, timeout=60)
        except grpc.RpcError as error:
            assert error.code() == code, f"{model} {signature}: {error.code()} {error.details()}"
        else:
            raise AssertionError(f"{model} {signature}: {answer}")


def main():
    with tempfile.TemporaryDirectory() as directory:
        make_stubs(pathlib.Path(directory))
        served = Served(pathlib.Path(directory))
        checks = (
            rest_answers_the_samples,
            rest_tells_its_models,
            rest_refuses,
            grpc_answers_as_tensorflow_computes,
            grpc_classifies,
            grpc_tells_its_models,
            grpc_refuses,
        )
        named = [(f"serve: {check.__name__.replace('_', ' ')}", lambda check=check: check(served)) for check in checks]
        try:
            cases.run([*named, ("serve: a signal ends it with 0", served.stop)])
        finally:
            served.process.kill()


main()
