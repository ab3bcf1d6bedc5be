package org.adaptivesoftmax.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What training a language model gave.
 *
 * @param perplexity of the validation text
 * @param perplexityByCluster of the shortlist's words and of each tail cluster's; null for a cluster without any
 * @param unigramPerplexity that word frequencies alone reach on the validation text
 * @param unigramPerplexityByCluster the same by cluster
 * @param tokensPerSecond trained in the last epoch
 * @param trainSeconds of all epochs of this run, validation and checkpoints included
 * @param vocabulary number of words
 * @param cutoffs where the ranked vocabulary is cut into clusters
 * @param softmax adaptive or full
 * @param epochs passes over the text
 * @param model the directory of the exported version
 * @param tailWeights what its form of tail weights saves and costs; null for float32
 */
record TrainResult(
    double perplexity,
    List<@Nullable Double> perplexityByCluster,
    double unigramPerplexity,
    List<@Nullable Double> unigramPerplexityByCluster,
    double tokensPerSecond,
    double trainSeconds,
    int vocabulary,
    List<Integer> cutoffs,
    String softmax,
    int epochs,
    String model,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable TailWeightsCost tailWeights)
    implements CommandResult {
  /** The same with the exported version. */
  TrainResult at(Path exported, @Nullable TailWeightsCost cost) {
    return new TrainResult(
        perplexity,
        perplexityByCluster,
        unigramPerplexity,
        unigramPerplexityByCluster,
        tokensPerSecond,
        trainSeconds,
        vocabulary,
        cutoffs,
        softmax,
        epochs,
        exported.toString(),
        cost);
  }

  @Override
  public String text() {
    List<String> lines = new ArrayList<>();
    lines.add("%-28s %10s %10s".formatted("validation perplexity", "model", "unigram"));
    lines.add(row("all words", perplexity, unigramPerplexity));
    for (int cluster = 0; cluster < perplexityByCluster.size(); cluster++) {
      lines.add(
          row(
              clusterName(cluster),
              perplexityByCluster.get(cluster),
              unigramPerplexityByCluster.get(cluster)));
    }
    lines.add("%-28s %,.0f".formatted("training words per second", tokensPerSecond));
    lines.add("%-28s %.1f".formatted("training seconds", trainSeconds));
    lines.add("%-28s %,d".formatted("vocabulary", vocabulary));
    lines.add("%-28s %s".formatted("model", model));
    if (tailWeights != null) {
      lines.addAll(tailWeights.lines("%-28s %s"));
    }
    return String.join(System.lineSeparator(), lines);
  }

  private String clusterName(int cluster) {
    int from = cluster == 0 ? 0 : cutoffs.get(cluster - 1);
    int to = cluster < cutoffs.size() ? cutoffs.get(cluster) : vocabulary;
    String name = cluster == 0 ? "shortlist" : "tail cluster " + cluster;
    return "  %s, %d..%d".formatted(name, from, to - 1);
  }

  private static String row(String name, @Nullable Double own, @Nullable Double unigram) {
    return "%-28s %10s %10s".formatted(name, number(own), number(unigram));
  }

  private static String number(@Nullable Double value) {
    return value == null ? "no word" : "%,.1f".formatted(value);
  }
}
