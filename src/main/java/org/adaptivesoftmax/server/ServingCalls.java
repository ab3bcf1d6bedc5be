package org.adaptivesoftmax.server;

import com.google.protobuf.Int64Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.adaptivesoftmax.local.HeadAnswer;
import org.adaptivesoftmax.local.LocalVersion;
import org.adaptivesoftmax.proto.ClassificationResult;
import org.adaptivesoftmax.proto.Classifications;
import org.adaptivesoftmax.proto.InferenceResult;
import org.adaptivesoftmax.proto.InferenceTask;
import org.adaptivesoftmax.proto.Input;
import org.adaptivesoftmax.proto.ModelSpec;
import org.adaptivesoftmax.proto.MultiInferenceRequest;
import org.adaptivesoftmax.proto.RegressionResult;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.BooleanNdArray;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.error.Code;

/** What TensorFlow Serving does with a request, whichever way it came, with its words for what is wrong. */
final class ServingCalls {
  private static final String CLASSIFY = "tensorflow/serving/classify";
  private static final String REGRESS = "tensorflow/serving/regress";
  private static final String REGRESSED = "outputs";

  private final ServedModels models;
  private final WhenBusy whenBusy;

  /**
   * An answer.
   *
   * @param spec the version and signature that gave it
   */
  record Answered<T>(ModelSpec spec, T result) {}

  /**
   * What a busy server has for a request to predict.
   *
   * @param answer if there is one that may be given
   * @param unproven else what the head says, of which some rows may be exact
   */
  record Early(Optional<Answered<Map<String, NdArray<?>>>> answer, @Nullable HeadAnswer unproven) {
    static final Early NONE = new Early(Optional.empty(), null);
  }

  ServingCalls(ServedModels models, WhenBusy whenBusy) {
    this.models = models;
    this.whenBusy = whenBusy;
  }

  /** The inputs of a signature, for those who must know them before they have a request. */
  Map<String, TensorInfo> inputs(ModelSpec spec, String signature) {
    return models.use(
        spec,
        version -> {
          SignatureDef found = version.signatures().get(signature);
          if (found == null) {
            throw noSuchSignature(signature);
          }
          return found.getInputsMap();
        });
  }

  static RequestFailure noSuchSignature(String key) {
    return RequestFailure.invalid(
        "Serving signature name: \"%s\" not found in signature def".formatted(key));
  }

  /**
   * Runs a signature.
   *
   * @param head what {@link #early} had for the request
   */
  Answered<Map<String, NdArray<?>>> predict(PredictWork.Asked asked, @Nullable HeadAnswer head) {
    return models.use(
        asked.spec(),
        version -> {
          String key = checked(version, asked);
          Map<String, NdArray<?>> outputs =
              head == null ? version.run(key, asked.inputs()) : version.complete(head);
          if (whenBusy == WhenBusy.HEAD_ONLY
              && key.equals(SignatureKeys.DEFAULT)
              && version.answersByHead()) {
            outputs.put(TensorNames.EXACT, allTrue(outputs));
          }
          return predicted(version, asked, outputs);
        });
  }

  /** Asks the head alone, if the request is such that this may help. */
  Early early(PredictWork.Asked asked) {
    if (whenBusy == WhenBusy.EXACT || !signature(asked.spec()).equals(SignatureKeys.DEFAULT)) {
      return Early.NONE;
    }
    return models.use(
        asked.spec(),
        version -> {
          checked(version, asked);
          HeadAnswer head = version.answerByHead(asked.inputs()).orElse(null);
          if (head == null || (whenBusy == WhenBusy.HEAD_FIRST && !head.isExact())) {
            return new Early(Optional.empty(), head);
          }
          version.accept(head);
          Map<String, NdArray<?>> outputs = new TreeMap<>(head.outputs());
          if (whenBusy == WhenBusy.HEAD_FIRST) {
            outputs.remove(TensorNames.EXACT);
          }
          return new Early(Optional.of(predicted(version, asked, outputs)), null);
        });
  }

  /** The key of the signature, which takes and gives what is asked. */
  private static String checked(LocalVersion version, PredictWork.Asked asked) {
    String key = signature(asked.spec());
    SignatureDef signature = version.signatures().get(key);
    if (signature == null) {
      throw new RequestFailure(
          Code.FAILED_PRECONDITION, "Serving signature key \"%s\" not found.".formatted(key));
    }
    requireInputs(signature, asked.inputs().keySet());
    requireOutputs(signature, asked.outputFilter());
    return key;
  }

  /** Of the outputs those that are wanted; whether they are exact is told in any case. */
  private Answered<Map<String, NdArray<?>>> predicted(
      LocalVersion version, PredictWork.Asked asked, Map<String, NdArray<?>> outputs) {
    if (!asked.outputFilter().isEmpty()) {
      Set<String> wanted = new HashSet<>(asked.outputFilter());
      if (whenBusy == WhenBusy.HEAD_ONLY) {
        wanted.add(TensorNames.EXACT);
      }
      outputs.keySet().retainAll(wanted);
    }
    return new Answered<>(
        asked.spec().toBuilder()
            .setVersion(number(version))
            .setSignatureName(signature(asked.spec()))
            .build(),
        outputs);
  }

  private static NdArray<?> allTrue(Map<String, NdArray<?>> outputs) {
    BooleanNdArray exact = NdArrays.ofBooleans(outputs.values().iterator().next().shape().take(1));
    exact.scalars().forEach(row -> row.setBoolean(true));
    return exact;
  }

  private static void requireInputs(SignatureDef signature, Set<String> given) {
    Set<String> wanted = new TreeSet<>(signature.getInputsMap().keySet());
    if (wanted.size() != given.size()) {
      Set<String> extra = new TreeSet<>(given);
      extra.removeAll(wanted);
      Set<String> missing = new TreeSet<>(wanted);
      missing.removeAll(given);
      throw RequestFailure.invalid(
          "input size does not match signature: %s!=%s len({%s}) != len({%s}). Sent extra: {%s}. Missing but required: {%s}."
              .formatted(
                  given.size(),
                  wanted.size(),
                  String.join(",", new TreeSet<>(given)),
                  String.join(",", wanted),
                  String.join(",", extra),
                  String.join(",", missing)));
    }
    for (String name : wanted) {
      if (!given.contains(name)) {
        throw RequestFailure.invalid(
            "Signature input alias: %s(feed name: %s) not found in request and no default value provided. Inputs expected to be in the request {%s}, or default input alias set: "
                .formatted(
                    name,
                    signature.getInputsOrThrow(name).getName(),
                    String.join(",", new TreeSet<>(given))));
      }
    }
  }

  private static void requireOutputs(SignatureDef signature, List<String> filter) {
    Set<String> seen = new HashSet<>();
    for (String name : filter) {
      if (!signature.containsOutputs(name)) {
        throw RequestFailure.invalid(
            "output tensor alias not found in signature: %s Outputs expected to be in the set {%s}."
                .formatted(
                    name, String.join(",", new TreeSet<>(signature.getOutputsMap().keySet()))));
      } else if (!seen.add(name)) {
        throw RequestFailure.invalid("duplicate output tensor alias: " + name);
      }
    }
  }

  /** Runs a signature that classifies examples. */
  Answered<ClassificationResult> classify(ModelSpec spec, Input input) {
    return models.use(
        spec,
        version -> {
          SignatureDef signature = signatureForExamples(version, spec);
          requireClassifies(signature);
          NdArray<?> examples = examples(input);
          return new Answered<>(
              answered(spec, version), classified(version, signature(spec), signature, examples));
        });
  }

  /** Runs a signature that gives a number for each example. */
  Answered<RegressionResult> regress(ModelSpec spec, Input input) {
    return models.use(
        spec,
        version -> {
          SignatureDef signature = signatureForExamples(version, spec);
          requireRegresses(signature);
          NdArray<?> examples = examples(input);
          return new Answered<>(
              answered(spec, version), regressed(version, signature(spec), examples));
        });
  }

  /** Runs several signatures of a model for the same examples. */
  List<InferenceResult> inferAll(MultiInferenceRequest request) {
    requireOneModel(request.getTasksList());
    ModelSpec first =
        request.getTasksCount() == 0
            ? ModelSpec.getDefaultInstance()
            : request.getTasks(0).getModelSpec();
    return models.use(first, version -> inferAll(version, request));
  }

  private static void requireOneModel(List<InferenceTask> tasks) {
    for (InferenceTask task : tasks) {
      if (task.getModelSpec().getName().isEmpty()) {
        throw RequestFailure.invalid("Found ModelSpec with an empty model name.");
      } else if (!task.getModelSpec().getName().equals(tasks.get(0).getModelSpec().getName())) {
        throw RequestFailure.invalid(
            "All ModelSpecs in a MultiInferenceRequest must access the same model name.");
      }
    }
  }

  private static List<InferenceResult> inferAll(
      LocalVersion version, MultiInferenceRequest request) {
    Map<String, SignatureDef> wanted = new LinkedHashMap<>();
    for (InferenceTask task : request.getTasksList()) {
      String key = signature(task.getModelSpec());
      SignatureDef signature = version.signatures().get(key);
      if (signature == null) {
        throw RequestFailure.invalid("Requested signature not found in model graph: " + key);
      } else if (wanted.put(key, signature) != null) {
        throw RequestFailure.invalid("Duplicate evaluation of signature: " + key);
      }
      switch (task.getMethodName()) {
        case CLASSIFY -> requireClassifies(signature);
        case REGRESS -> requireRegresses(signature);
        default ->
            throw new RequestFailure(
                Code.UNIMPLEMENTED, "Unsupported signature method_name: " + task.getMethodName());
      }
    }
    NdArray<?> examples = examples(request.getInput());
    List<InferenceResult> results = new ArrayList<>();
    for (InferenceTask task : request.getTasksList()) {
      String key = signature(task.getModelSpec());
      InferenceResult.Builder result =
          InferenceResult.newBuilder().setModelSpec(answered(task.getModelSpec(), version));
      if (task.getMethodName().equals(CLASSIFY)) {
        SignatureDef signature = signatureForExamples(version, task.getModelSpec());
        result.setClassificationResult(classified(version, key, signature, examples));
      } else {
        result.setRegressionResult(regressed(version, key, examples));
      }
      results.add(result.build());
    }
    return results;
  }

  private static SignatureDef signatureForExamples(LocalVersion version, ModelSpec spec) {
    SignatureDef signature = version.signatures().get(signature(spec));
    if (signature == null) {
      throw RequestFailure.invalid("No signature was found with the name: " + signature(spec));
    }
    return signature;
  }

  private static void requireClassifies(SignatureDef signature) {
    if (signature.getInputsCount() != 1) {
      throw RequestFailure.invalid("Expected one input Tensor.");
    } else if (signature.getOutputsCount() != 1 && signature.getOutputsCount() != 2) {
      throw RequestFailure.invalid(
          "Expected one or two output Tensors, found " + signature.getOutputsCount());
    } else if (!signature.containsInputs(TensorNames.INPUTS)) {
      throw RequestFailure.invalid("No classification inputs found in SignatureDef: " + signature);
    } else if (!signature.containsOutputs(TensorNames.CLASSES)
        && !signature.containsOutputs(TensorNames.SCORES)) {
      throw RequestFailure.invalid(
          "Expected classification signature outputs to contain at least one of \"classes\" or \"scores\". Signature was: "
              + signature);
    }
  }

  private static void requireRegresses(SignatureDef signature) {
    if (signature.getInputsCount() != 1) {
      throw RequestFailure.invalid("Expected one input Tensor.");
    } else if (signature.getOutputsCount() != 1) {
      throw RequestFailure.invalid("Expected one output Tensor.");
    } else if (!signature.containsInputs(TensorNames.INPUTS)) {
      throw RequestFailure.invalid("No regression inputs found in SignatureDef: " + signature);
    } else if (!signature.containsOutputs(REGRESSED)) {
      throw RequestFailure.invalid("No regression outputs found in SignatureDef: " + signature);
    }
  }

  /** Serialized, [examples]. */
  private static NdArray<?> examples(Input input) {
    return NdArrays.vectorOfObjects(
        examplesInContext(input).stream().map(Example::toByteArray).toArray(byte[][]::new));
  }

  /** The features of a context are put before each example's own. */
  static List<Example> examplesInContext(Input input) {
    List<Example> examples =
        input.hasExampleListWithContext()
            ? input.getExampleListWithContext().getExamplesList()
            : input.getExampleList().getExamplesList();
    if (examples.isEmpty()) {
      throw RequestFailure.invalid("Input is empty.");
    }
    Example context = input.getExampleListWithContext().getContext();
    return examples.stream()
        .map(example -> context.toBuilder().mergeFrom(example).build())
        .toList();
  }

  private static ClassificationResult classified(
      LocalVersion version, String key, SignatureDef signature, NdArray<?> examples) {
    Map<String, NdArray<?>> outputs = version.run(key, Map.of(TensorNames.INPUTS, examples));
    NdArray<?> classes = outputs.get(TensorNames.CLASSES);
    NdArray<?> scores = outputs.get(TensorNames.SCORES);
    for (NdArray<?> output : outputs.values()) {
      if (output.rank() != 2 || output.shape().get(0) != examples.size()) {
        throw RequestFailure.invalid(
            "Expected Tensor shape: [batch_size num_classes] but got " + output.shape());
      }
    }
    if (classes != null && !isString(signature)) {
      throw RequestFailure.invalid(
          "Expected classes Tensor of DT_STRING. Got: "
              + signature.getOutputsOrThrow(TensorNames.CLASSES).getDtype());
    }
    ClassificationResult.Builder result = ClassificationResult.newBuilder();
    NdArray<?> any = classes == null ? scores : classes;
    for (long row = 0; any != null && row < any.shape().get(0); row++) {
      Classifications.Builder of = result.addClassificationsBuilder();
      for (long i = 0; i < any.shape().get(1); i++) {
        var one = of.addClassesBuilder();
        if (classes != null) {
          one.setLabel((String) classes.getObject(row, i));
        }
        if (scores instanceof FloatNdArray numbers) {
          one.setScore(numbers.getFloat(row, i));
        }
      }
    }
    return result.build();
  }

  private static boolean isString(SignatureDef signature) {
    return signature.getOutputsOrThrow(TensorNames.CLASSES).getDtype()
        == org.tensorflow.proto.DataType.DT_STRING;
  }

  private static RegressionResult regressed(LocalVersion version, String key, NdArray<?> examples) {
    NdArray<?> output = version.run(key, Map.of(TensorNames.INPUTS, examples)).get(REGRESSED);
    if (!(output instanceof FloatNdArray numbers) || numbers.size() != examples.size()) {
      throw RequestFailure.invalid(
          "Expected output Tensor shape to be either [batch_size] or [batch_size, 1]");
    }
    RegressionResult.Builder result = RegressionResult.newBuilder();
    numbers.scalars().forEach(number -> result.addRegressionsBuilder().setValue(number.getFloat()));
    return result.build();
  }

  private static String signature(ModelSpec spec) {
    return spec.getSignatureName().isEmpty() ? SignatureKeys.DEFAULT : spec.getSignatureName();
  }

  private static ModelSpec answered(ModelSpec spec, LocalVersion version) {
    return ModelSpec.newBuilder()
        .setName(spec.getName())
        .setVersion(number(version))
        .setSignatureName(signature(spec))
        .build();
  }

  private static Int64Value number(LocalVersion version) {
    return Int64Value.of(version.number());
  }
}
