package org.adaptivesoftmax.cli;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.ComputePrecision;
import org.adaptivesoftmax.model.EncoderClassifierConfiguration;
import org.adaptivesoftmax.training.EncoderOptimizer;
import org.adaptivesoftmax.training.EncoderTraining;
import org.adaptivesoftmax.training.WarmUp;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** The options of a classifier with a pretrained encoder. */
final class EncoderOptions {
  private static final List<String> OWN =
      List.of(
          "--max-length",
          "--freeze-layers",
          "--weight-decay",
          "--warm-up",
          "--head-factor",
          "--clip-norm",
          "--precision",
          "--resume",
          "--restart");

  private static final List<String> OTHERS = List.of("--embedding", "--hidden", "--max-vocabulary");

  @Option(
      names = "--encoder",
      paramLabel = "DIR",
      description = {
        "Fine-tune a pretrained BERT encoder in place of a bag of n-grams: a directory with config.json,"
            + " model.safetensors, and tokenizer.json or vocab.txt, or minilm (all-MiniLM-L6-v2, which"
            + " Maven fetches the first time).",
        "Other defaults with it: 3 epochs, batches of 32, learning rate 5e-5, dropout 0."
      })
  private @Nullable String encoder;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description =
          "With --encoder: the most tokens of a text, at most the encoder's positions (default: 128).")
  private @Nullable Integer maxLength;

  @Option(
      names = "--freeze-layers",
      paramLabel = "N",
      description =
          "With --encoder: leave the embeddings and the first N layers as they are; 0 for the"
              + " embeddings alone (default: everything learns).")
  private int frozenLayers = -1;

  @Option(
      names = "--weight-decay",
      paramLabel = "W",
      description =
          "With --encoder: decoupled weight decay of matrices (default: ${DEFAULT-VALUE}).")
  private double weightDecay = EncoderOptimizer.DEFAULT_WEIGHT_DECAY;

  @Option(
      names = "--warm-up",
      paramLabel = "R",
      description =
          "With --encoder: share of the steps in which the learning rate rises; then it falls to 0"
              + " (default: ${DEFAULT-VALUE}).")
  private double warmUp = EncoderOptimizer.DEFAULT_WARM_UP;

  @Option(
      names = "--head-factor",
      paramLabel = "F",
      description =
          "With --encoder: by how much the output layer's rate is higher (default: ${DEFAULT-VALUE}).")
  private double headFactor = EncoderOptimizer.DEFAULT_HEAD_FACTOR;

  @Option(
      names = "--clip-norm",
      paramLabel = "C",
      description =
          "With --encoder: limit of the norm of all gradients together (default: ${DEFAULT-VALUE}).")
  private double clipNorm = EncoderOptimizer.DEFAULT_CLIP_NORM;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      converter = Choice.OfPrecision.class,
      completionCandidates = Choice.OfPrecision.class,
      description =
          "With --encoder: type of its products in training, float32 or bfloat16 (default: float32).")
  private ComputePrecision precision = ComputePrecision.FLOAT32;

  /** The encoder that was given, or null. */
  @Nullable String encoder() {
    return encoder;
  }

  /**
   * Makes sure that every option is of use.
   *
   * @throws IllegalArgumentException if one is not
   */
  void check(ParseResult given) {
    List<String> useless = new ArrayList<>(encoder == null ? OWN : OTHERS);
    useless.removeIf(option -> !given.hasMatchedOption(option));
    Require.argument(
        useless.isEmpty(),
        encoder == null ? "%s needs --encoder" : "%s is of no use with --encoder",
        useless.isEmpty() ? "" : useless.get(0));
  }

  int maxLength(int positions) {
    return maxLength != null
        ? maxLength
        : Math.min(EncoderClassifierConfiguration.DEFAULT_MAX_LENGTH, positions);
  }

  /** A training with these options. */
  EncoderTraining.Builder training(double learningRate) {
    Require.argument(frozenLayers >= -1, "--freeze-layers must be at least 0: %s", frozenLayers);
    return EncoderTraining.builder()
        .optimizer(
            new EncoderOptimizer(
                new WarmUp(learningRate, warmUp), headFactor, weightDecay, clipNorm))
        .frozenLayers(frozenLayers)
        .precision(precision);
  }
}
