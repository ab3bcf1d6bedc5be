package org.adaptivesoftmax.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.training.Perplexity;
import org.jspecify.annotations.Nullable;

/**
 * What training a language model gave.
 *
 * @param quality of the validation text
 * @param tokensPerSecond trained in the last epoch
 * @param trainSeconds of all epochs of this run, validation and checkpoints included
 * @param trained what was trained
 * @param model the directory of the exported version
 * @param tailWeights what its form of tail weights saves and costs; null for float32
 */
record TrainResult(
    @JsonUnwrapped Quality quality,
    double tokensPerSecond,
    double trainSeconds,
    @JsonUnwrapped Trained trained,
    String model,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable TailWeightsCost tailWeights)
    implements CommandResult {
  /**
   * How well the validation text is predicted. A cluster without any word has null.
   *
   * @param perplexity of all words
   * @param perplexityByCluster of the shortlist's words and of each tail cluster's
   * @param unigramPerplexity that word frequencies alone reach
   * @param unigramPerplexityByCluster the same by cluster
   */
  record Quality(
      double perplexity,
      List<@Nullable Double> perplexityByCluster,
      double unigramPerplexity,
      List<@Nullable Double> unigramPerplexityByCluster) {
    static Quality of(Perplexity own, Perplexity unigram) {
      return new Quality(own.total(), byCluster(own), unigram.total(), byCluster(unigram));
    }
  }

  /**
   * What was trained.
   *
   * @param vocabulary number of words
   * @param cutoffs where the ranked vocabulary is cut into clusters
   * @param softmax adaptive or full
   * @param epochs passes over the text
   */
  record Trained(int vocabulary, List<Integer> cutoffs, String softmax, int epochs) {
    static Trained of(LanguageModelConfiguration model, int epochs) {
      return new Trained(
          model.vocabulary(), model.plan().cutoffs(), Choice.name(model.softmax()), epochs);
    }

    private String cluster(int cluster) {
      int from = cluster == 0 ? 0 : cutoffs.get(cluster - 1);
      int to = cluster < cutoffs.size() ? cutoffs.get(cluster) : vocabulary;
      String name = cluster == 0 ? "shortlist" : "tail cluster " + cluster;
      return "  %s, %d..%d".formatted(name, from, to - 1);
    }
  }

  /** Perplexities by cluster; null where a cluster has no word. */
  static List<@Nullable Double> byCluster(Perplexity perplexity) {
    List<@Nullable Double> values = new ArrayList<>();
    for (double value : perplexity.byCluster()) {
      values.add(Double.isNaN(value) ? null : value);
    }
    return values;
  }

  @Override
  public String text() {
    List<String> lines = new ArrayList<>();
    lines.add("%-28s %10s %10s".formatted("validation perplexity", "model", "unigram"));
    lines.add(row("all words", quality.perplexity, quality.unigramPerplexity));
    for (int cluster = 0; cluster < quality.perplexityByCluster.size(); cluster++) {
      lines.add(
          row(
              trained.cluster(cluster),
              quality.perplexityByCluster.get(cluster),
              quality.unigramPerplexityByCluster.get(cluster)));
    }
    lines.add("%-28s %,.0f".formatted("training words per second", tokensPerSecond));
    lines.add("%-28s %.1f".formatted("training seconds", trainSeconds));
    lines.add("%-28s %,d".formatted("vocabulary", trained.vocabulary));
    lines.add("%-28s %s".formatted("model", model));
    if (tailWeights != null) {
      lines.addAll(tailWeights.lines("%-28s %s"));
    }
    return String.join(System.lineSeparator(), lines);
  }

  private static String row(String name, @Nullable Double own, @Nullable Double unigram) {
    return "%-28s %10s %10s".formatted(name, number(own), number(unigram));
  }

  private static String number(@Nullable Double value) {
    return value == null ? "no word" : "%,.1f".formatted(value);
  }
}
