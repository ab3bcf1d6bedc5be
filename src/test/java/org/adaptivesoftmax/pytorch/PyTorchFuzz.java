package org.adaptivesoftmax.pytorch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.adaptivesoftmax.fuzz.FuzzTarget;
import org.adaptivesoftmax.pytorch.Safetensors.TensorInfo;

/** Readers of what comes from PyTorch. */
public final class PyTorchFuzz {
  private static final Set<Class<? extends Throwable>> DOCUMENTED =
      Set.of(IllegalArgumentException.class, IOException.class);

  /** Values a chunk. */
  private static final int CHUNK = 100;

  /** Any safetensors file, with its values. */
  public static final FuzzTarget SAFETENSORS =
      FuzzTarget.of("safetensors", DOCUMENTED, PyTorchFuzz::safetensors);

  /** The state dict of an adaptive softmax. */
  public static final FuzzTarget STATE_DICT =
      FuzzTarget.of("state-dict", DOCUMENTED, PyTorchFuzz::stateDict);

  /** {@code --class-order}, of three classes. */
  public static final FuzzTarget CLASS_ORDER =
      FuzzTarget.of("class-order", DOCUMENTED, PyTorchFuzz::classOrder);

  /** {@code config.json} of an encoder. */
  public static final FuzzTarget ENCODER =
      FuzzTarget.of("encoder", DOCUMENTED, PyTorchFuzz::encoder);

  /** An ONNX file. */
  public static final FuzzTarget ONNX = FuzzTarget.of("onnx", DOCUMENTED, PyTorchFuzz::onnx);

  private PyTorchFuzz() {}

  private static Path written(byte[] input, Path directory, String name) throws IOException {
    return Files.write(directory.resolve(name), input);
  }

  private static void safetensors(byte[] input, Path directory) throws IOException {
    try (Safetensors file = Safetensors.open(written(input, directory, "model.safetensors"))) {
      for (TensorInfo tensor : file.tensors().values()) {
        if (tensor.type().isReadable()) {
          file.forEachChunk(tensor, CHUNK, (row, rows, values) -> {});
        }
      }
    }
  }

  private static void stateDict(byte[] input, Path directory) throws IOException {
    try (Safetensors file = Safetensors.open(written(input, directory, "model.safetensors"))) {
      PyTorchWeights weights = PyTorchWeights.find(file);
      weights.parameterCount();
      weights.layer();
    }
  }

  private static void classOrder(byte[] input, Path directory) throws IOException {
    ClassOrderFile.read(written(input, directory, "order.txt"), 3);
  }

  private static void encoder(byte[] input, Path directory) throws IOException {
    written(input, directory, PretrainedEncoder.CONFIGURATION);
    EncoderJson.read(directory);
  }

  private static void onnx(byte[] input, Path directory) throws IOException {
    OnnxGraph.read(written(input, directory, "model.onnx"));
  }
}
