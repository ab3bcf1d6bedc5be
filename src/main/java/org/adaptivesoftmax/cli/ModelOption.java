package org.adaptivesoftmax.cli;

import java.nio.file.Path;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import picocli.CommandLine.Option;

/** The option of a command that reads an exported model. */
final class ModelOption {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Model directory; its highest version is used.")
  private Path model;

  ModelDirectory directory() {
    return new ModelDirectory(model);
  }
}
