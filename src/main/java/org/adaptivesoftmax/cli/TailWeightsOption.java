package org.adaptivesoftmax.cli;

import org.adaptivesoftmax.TailWeights;
import picocli.CommandLine.Option;

/** The option of a command that exports: how the class rows of tail clusters are stored. */
final class TailWeightsOption {
  @Option(
      names = "--tail-weights",
      paramLabel = "FORM",
      converter = Choice.OfTailWeights.class,
      completionCandidates = Choice.OfTailWeights.class,
      description = Choice.OfTailWeights.DESCRIPTION + " (default: float32).")
  private TailWeights form = TailWeights.FLOAT32;

  TailWeights form() {
    return form;
  }
}
