package org.adaptivesoftmax.savedmodel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.adaptivesoftmax.internal.graph.ProcessorCheck;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.internal.io.OneLine;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.tensors.NativeTensors;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.proto.SignatureDef;

/**
 * A version in this process: whatever runs an exported model here runs it by this. Threads may share it, until it is closed.
 */
public final class VersionBundle implements AutoCloseable {
  private final Path version;
  private final SavedModelBundle bundle;

  private VersionBundle(Path version, SavedModelBundle bundle) {
    this.version = version;
    this.bundle = bundle;
  }

  /**
   * Loads a version that does nothing but compute.
   *
   * @param version its directory
   * @return the model, to be closed
   * @throws IllegalArgumentException if it is incomplete, or holds an operation that touches files, processes or the
   *     network
   * @throws IOException if it cannot be read
   */
  public static VersionBundle load(Path version) throws IOException {
    return load(version, false);
  }

  /**
   * Loads a version.
   *
   * @param version its directory
   * @param trusted whether it may do whatever TensorFlow can
   * @return the model, to be closed
   * @throws IllegalArgumentException if it is incomplete, or not trusted and holds an operation that touches files,
   *     processes or the network
   * @throws IOException if it cannot be read
   */
  public static VersionBundle load(Path version, boolean trusted) throws IOException {
    Require.argument(
        Files.exists(version.resolve(ModelDirectory.SAVED_MODEL)),
        "model version has no saved_model.pb: %s",
        version);
    // The loader would take a model without weights for one that needs none.
    Require.argument(
        Files.exists(version.resolve("variables").resolve("variables.index")),
        "model version has no weights, is it complete? %s",
        version);
    FileTree.sizes(version); // Fails for a pipe or a device, which the loader would wait for.
    if (!trusted) {
      GraphSafety.check(version);
    }
    ProcessorCheck.warnOnce();
    try {
      return new VersionBundle(version, SavedModelBundle.load(version.toString()));
    } catch (TensorFlowException | IllegalArgumentException | IllegalStateException e) {
      throw new IllegalArgumentException(
          OneLine.of(
              "model version cannot be loaded, is it complete? %s: %s"
                  .formatted(version, e.getMessage())),
          e);
    }
  }

  /** {@return the directory that was loaded} */
  public Path version() {
    return version;
  }

  /** {@return whether {@link SavedModelPublisher} wrote it} */
  public boolean isOfThisLibrary() {
    return Fingerprint.WEIGHTS.isIn(version);
  }

  /** {@return the signatures by key} */
  public Map<String, SignatureDef> signatures() {
    return bundle.metaGraphDef().getSignatureDefMap();
  }

  /**
   * Runs a signature. Texts of like length are run together, and not more at once than take some hundred megabytes.
   *
   * @param signature key of one that there is
   * @param inputs by name
   * @return outputs by name, in the heap
   * @throws TensorFlowException if the signature refuses the inputs
   * @throws IllegalArgumentException if there is no such input, one is missing, or a tensor's type is not supported
   */
  public Map<String, NdArray<?>> run(String signature, Map<String, ? extends NdArray<?>> inputs) {
    return new TextBatches(batch -> runAtOnce(signature, batch)).run(inputs);
  }

  private Map<String, NdArray<?>> runAtOnce(
      String signature, Map<String, ? extends NdArray<?>> inputs) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try {
      inputs.forEach((name, input) -> tensors.put(name, NativeTensors.tensor(input)));
      try (Result result = call(signature, tensors)) {
        Map<String, NdArray<?>> outputs = new TreeMap<>();
        result.forEach(
            output -> outputs.put(output.getKey(), NativeTensors.array(output.getValue())));
        return outputs;
      }
    } finally {
      tensors.values().forEach(Tensor::close);
    }
  }

  /**
   * Runs the requests that came with the version, as a model server does before it answers others.
   *
   * @throws IllegalArgumentException if one fails, or their file is damaged
   * @throws IOException if their file cannot be read
   */
  public void warmUp() throws IOException {
    for (WarmUpRequest request : WarmUpFile.read(version)) {
      try (MessageTensors inputs = MessageTensors.of(request.inputs())) {
        // The first run alone is what is wanted of it.
        call(request.signature(), inputs.byName()).close();
      } catch (RuntimeException e) { // TensorFlow's have no other common ancestor
        throw new IllegalArgumentException(
            OneLine.of(
                "%s: signature %s, a warm-up request: %s"
                    .formatted(version, request.signature(), e.getMessage())),
            e);
      }
    }
  }

  /** Runs a signature with tensors, which the caller closes, as it does the result. */
  Result call(String signature, Map<String, Tensor> inputs) {
    return bundle.function(signature).call(inputs);
  }

  @Override
  public void close() {
    bundle.close();
  }
}
