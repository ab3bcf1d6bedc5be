package org.adaptivesoftmax.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.inference.ClusterScores;
import org.adaptivesoftmax.inference.SavedLanguageModel;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.training.Perplexity;
import org.jspecify.annotations.Nullable;

/**
 * What a form of tail weights saves and costs, measured on the exported model and on the same one with float32 tails.
 *
 * @param form of the exported model
 * @param bytes of its version's files
 * @param float32Bytes of the float32 form's
 * @param perplexity of some text, or null
 * @param float32Perplexity the float32 form's, or null
 * @param largestLogProbChange on some inputs, or null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record TailWeightsCost(
    String form,
    long bytes,
    long float32Bytes,
    @Nullable Double perplexity,
    @Nullable Double float32Perplexity,
    @Nullable Double largestLogProbChange) {
  /** Without what the answers' change is. */
  static TailWeightsCost ofSize(TailWeights form, Path version, Path float32) throws IOException {
    return new TailWeightsCost(
        Choice.name(form), FileTree.bytes(version), FileTree.bytes(float32), null, null, null);
  }

  /**
   * With the change in perplexity.
   *
   * @param text to measure it on
   */
  TailWeightsCost on(Corpus text, Path version, Path float32) throws IOException {
    return new TailWeightsCost(
        form, bytes, float32Bytes, perplexity(text, version), perplexity(text, float32), null);
  }

  private static double perplexity(Corpus text, Path version) throws IOException {
    try (SavedLanguageModel loaded = SavedLanguageModel.load(version)) {
      ClusterScores scores = loaded.evaluate(text);
      return new Perplexity(scores.words(), scores.nats()).total();
    }
  }

  /** With the change of log-probabilities. */
  TailWeightsCost changing(double logProb) {
    return new TailWeightsCost(form, bytes, float32Bytes, null, null, logProb);
  }

  /** The change in perplexity, in percent. */
  @JsonProperty
  @Nullable Double perplexityChangePercent() {
    return perplexity == null || float32Perplexity == null
        ? null
        : 100 * (perplexity / float32Perplexity - 1);
  }

  /** Lines of a result, labels padded. */
  List<String> lines(String format) {
    List<String> lines = new ArrayList<>();
    lines.add(
        format.formatted(
            "tail weights",
            "%s: %,d bytes on disk, float32 %,d".formatted(form, bytes, float32Bytes)));
    Double change = perplexityChangePercent();
    if (change != null) {
      lines.add(
          format.formatted(
              "perplexity, sentences apart",
              "%,.3f, float32 %,.3f: %+.4f %%".formatted(perplexity, float32Perplexity, change)));
    }
    if (largestLogProbChange != null) {
      lines.add(
          format.formatted(
              "log-prob change", "%.2g at most, on random inputs".formatted(largestLogProbChange)));
    }
    return lines;
  }
}
