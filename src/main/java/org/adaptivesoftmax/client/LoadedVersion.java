package org.adaptivesoftmax.client;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.adaptivesoftmax.serving.VersionBundle;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Signature;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TFFailedPreconditionException;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.exceptions.TFOutOfRangeException;
import org.tensorflow.exceptions.TFResourceExhaustedException;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.proto.error.Code;

/**
 * A version in this process. Its native memory is freed when the model has turned to another version and the last request
 * that began with this one has ended.
 */
final class LoadedVersion implements Runner {
  private final long number;
  private final Path path;
  private final SavedModelBundle bundle;

  /** Requests in flight, and one for the model itself. */
  private final AtomicInteger users = new AtomicInteger(1);

  private LoadedVersion(Path path, SavedModelBundle bundle) {
    this.number = Long.parseLong(path.getFileName().toString());
    this.path = path;
    this.bundle = bundle;
  }

  /**
   * @throws IllegalArgumentException if it is incomplete
   */
  static LoadedVersion load(Path path) {
    return new LoadedVersion(path, VersionBundle.load(path));
  }

  long number() {
    return number;
  }

  Path path() {
    return path;
  }

  ModelMetadata metadata() {
    return ModelMetadata.of(number, bundle.metaGraphDef().getSignatureDefMap());
  }

  /** {@return whether a request may use it, which then must release it} */
  boolean retain() {
    return users.getAndUpdate(count -> count == 0 ? 0 : count + 1) > 0;
  }

  void release() {
    if (users.decrementAndGet() == 0) {
      bundle.close();
    }
  }

  /**
   * @throws ModelServerException if there is no such signature, or it refuses the inputs
   */
  @Override
  public Map<String, NdArray<?>> run(String signature, Map<String, ? extends NdArray<?>> inputs) {
    requireInputs(signature, inputs.keySet());
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try {
      inputs.forEach((name, input) -> tensors.put(name, LocalTensors.tensor(input)));
      return call(signature, tensors);
    } finally {
      tensors.values().forEach(Tensor::close);
    }
  }

  private void requireInputs(String key, Set<String> names) {
    Map<String, Signature> signatures = new TreeMap<>();
    bundle.signatures().forEach(signature -> signatures.put(signature.key(), signature));
    Signature signature = signatures.get(key);
    if (signature == null) {
      throw failure(
          Code.FAILED_PRECONDITION,
          key,
          "no such signature, there are " + signatures.keySet(),
          null);
    }
    if (!signature.inputNames().equals(names)) {
      throw failure(
          Code.INVALID_ARGUMENT,
          key,
          "inputs must be %s: %s"
              .formatted(new TreeSet<>(signature.inputNames()), new TreeSet<>(names)),
          null);
    }
  }

  private Map<String, NdArray<?>> call(String signature, Map<String, Tensor> inputs) {
    try (Result result = bundle.function(signature).call(inputs)) {
      Map<String, NdArray<?>> outputs = new TreeMap<>();
      result.forEach(output -> outputs.put(output.getKey(), LocalTensors.array(output.getValue())));
      return outputs;
    } catch (TFInvalidArgumentException e) {
      throw failure(Code.INVALID_ARGUMENT, signature, String.valueOf(e.getMessage()), e);
    } catch (TFFailedPreconditionException e) {
      throw failure(Code.FAILED_PRECONDITION, signature, String.valueOf(e.getMessage()), e);
    } catch (TFOutOfRangeException e) {
      throw failure(Code.OUT_OF_RANGE, signature, String.valueOf(e.getMessage()), e);
    } catch (TFResourceExhaustedException e) {
      throw failure(Code.RESOURCE_EXHAUSTED, signature, String.valueOf(e.getMessage()), e);
    } catch (TensorFlowException e) {
      throw failure(Code.INTERNAL, signature, String.valueOf(e.getMessage()), e);
    }
  }

  private ModelServerException failure(
      Code code, String signature, String detail, @Nullable Throwable cause) {
    return new ModelServerException(code, path + ", signature " + signature, detail, cause);
  }
}
