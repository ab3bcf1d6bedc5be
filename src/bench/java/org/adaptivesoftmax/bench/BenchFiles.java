package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.adaptivesoftmax.internal.io.AtomicFile;

/** Where a measurement reads and writes: in the project, which the launcher names, else in the working directory. */
final class BenchFiles {
  private BenchFiles() {}

  /** PyTorch's side of {@code bench train-step}. */
  static Path pytorchTrainStep() {
    return inProject("tools/bench/train_step_pytorch.py");
  }

  /** PyTorch's side of {@code bench decode}. */
  static Path pytorchDecode() {
    return inProject("tools/bench/decode_pytorch.py");
  }

  /** PyTorch's side of {@code bench language-model} and {@code bench distributed}. */
  static Path pytorchLanguageModel() {
    return inProject("tools/bench/language_model_step_pytorch.py");
  }

  /** The directory of results and logs. */
  static Path results() {
    return inProject("target/bench");
  }

  /**
   * Writes a result and its {@link Measurement} as JSON.
   *
   * @param name of the file in {@link #results}
   */
  static Path write(String name, Object result) throws IOException {
    Path file = Files.createDirectories(results()).resolve(name);
    AtomicFile.writeString(
        file, WorkerReply.JSON.writeValueAsString(Measurement.now().before(result)) + "\n");
    return file;
  }

  /** What a contender's process writes to standard error. */
  static Path log(Contender contender) {
    return log(contender.key());
  }

  /** What the process of that name writes to standard error. */
  static Path log(String process) {
    return results().resolve(process + ".log");
  }

  /** A path in the project. */
  static Path inProject(String path) {
    return Path.of(System.getProperty("adaptivesoftmax.home", ""), path).toAbsolutePath();
  }
}
