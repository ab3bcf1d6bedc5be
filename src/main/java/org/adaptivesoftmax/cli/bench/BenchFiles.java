package org.adaptivesoftmax.cli.bench;

import java.nio.file.Path;

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

  /** PyTorch's side of {@code bench language-model}. */
  static Path pytorchLanguageModel() {
    return inProject("tools/bench/language_model_step_pytorch.py");
  }

  /** The directory of results and logs. */
  static Path results() {
    return inProject("target/bench");
  }

  /** What a contender's process writes to standard error. */
  static Path log(Contender contender) {
    return results().resolve(contender.key() + ".log");
  }

  private static Path inProject(String path) {
    return Path.of(System.getProperty("adaptivesoftmax.home", ""), path).toAbsolutePath();
  }
}
