package org.adaptivesoftmax.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.adaptivesoftmax.client.ModelMetadata;
import org.adaptivesoftmax.client.ModelMetadata.SignatureMetadata;
import org.adaptivesoftmax.client.ModelMetadata.TensorMetadata;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.internal.tensors.TensorType;
import org.adaptivesoftmax.savedmodel.VersionBundle;
import org.jspecify.annotations.Nullable;
import org.tensorflow.exceptions.TFFailedPreconditionException;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.exceptions.TFOutOfRangeException;
import org.tensorflow.exceptions.TFResourceExhaustedException;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.error.Code;

/**
 * A version in this process. Its native memory is freed when the model has turned to another version and the last request
 * that began with this one has ended.
 */
final class LoadedVersion implements Runner {
  private final long number;
  private final Path path;
  private final VersionBundle bundle;
  private final ModelMetadata metadata;
  private final Uses uses;

  private LoadedVersion(Path path, VersionBundle bundle) {
    this.number = Long.parseLong(path.getFileName().toString());
    this.path = path;
    this.bundle = bundle;
    this.metadata = ModelMetadata.of(number, bundle.signatures());
    this.uses = new Uses(bundle::close);
  }

  /**
   * @param trusted whether it may do whatever TensorFlow can
   * @throws IllegalArgumentException if it is incomplete, or refused
   */
  static LoadedVersion load(Path path, boolean trusted) throws IOException {
    return new LoadedVersion(path, VersionBundle.load(path, trusted));
  }

  long number() {
    return number;
  }

  Path path() {
    return path;
  }

  boolean isOfThisLibrary() {
    return bundle.isOfThisLibrary();
  }

  Map<String, SignatureDef> signatures() {
    return bundle.signatures();
  }

  /** Runs the requests that came with the version. */
  void warmUp() throws IOException {
    bundle.warmUp();
  }

  ModelMetadata metadata() {
    return metadata;
  }

  /** The requests in flight, and the model itself. */
  Uses uses() {
    return uses;
  }

  /**
   * @throws ModelServerException if the signature, which there must be, refuses the inputs
   */
  @Override
  public Map<String, NdArray<?>> run(String signature, Map<String, ? extends NdArray<?>> inputs) {
    try {
      return bundle.run(signature, inputs);
    } catch (TFInvalidArgumentException e) {
      throw failure(Code.INVALID_ARGUMENT, signature, String.valueOf(e.getMessage()), e);
    } catch (TFFailedPreconditionException e) {
      throw failure(Code.FAILED_PRECONDITION, signature, String.valueOf(e.getMessage()), e);
    } catch (TFOutOfRangeException e) {
      throw failure(Code.OUT_OF_RANGE, signature, String.valueOf(e.getMessage()), e);
    } catch (TFResourceExhaustedException e) {
      throw failure(Code.RESOURCE_EXHAUSTED, signature, String.valueOf(e.getMessage()), e);
    } catch (TensorFlowException | IllegalArgumentException e) {
      throw failure(Code.INTERNAL, signature, String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Checks a request.
   *
   * @throws ModelServerException if there is no such signature, or it has other inputs, or of other types or shapes
   */
  void requireInputs(String key, Map<String, ? extends NdArray<?>> inputs) {
    SignatureMetadata signature = metadata.signatures().get(key);
    if (signature == null) {
      throw failure(
          Code.FAILED_PRECONDITION,
          key,
          "no such signature, there are " + metadata.signatures().keySet(),
          null);
    }
    Set<String> names = signature.inputs().keySet();
    if (!names.equals(inputs.keySet())) {
      throw failure(
          Code.INVALID_ARGUMENT,
          key,
          "inputs must be %s: %s".formatted(names, new TreeSet<>(inputs.keySet())),
          null);
    }
    inputs.forEach(
        (name, input) -> {
          TensorMetadata wanted = Objects.requireNonNull(signature.inputs().get(name));
          TensorMetadata given = new TensorMetadata(TensorType.of(input).proto(), input.shape());
          if (!wanted.accepts(given)) {
            throw failure(
                Code.INVALID_ARGUMENT,
                key,
                "input %s must be %s: %s".formatted(name, wanted, given),
                null);
          }
        });
  }

  private ModelServerException failure(
      Code code, String signature, String detail, @Nullable Throwable cause) {
    return new ModelServerException(code, path + ", signature " + signature, detail, cause);
  }
}
