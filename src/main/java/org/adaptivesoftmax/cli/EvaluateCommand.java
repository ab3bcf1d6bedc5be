package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.inference.ClusterScores;
import org.adaptivesoftmax.inference.SavedLanguageModel;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.training.Perplexity;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures the perplexity of an exported language model. */
@Command(
    name = "evaluate",
    description =
        "Measure the perplexity of a language model on text, one sentence a line. Each sentence"
            + " begins anew, and its end counts as a token.")
final class EvaluateCommand implements Callable<CommandResult> {
  @Mixin private final ModelOption model = new ModelOption();
  @Mixin private final TrustOption trust = new TrustOption();

  @Option(
      names = "--corpus",
      required = true,
      arity = "1..*",
      paramLabel = "FILE",
      converter = InputFile.class,
      description = "Text in UTF-8.")
  private List<Path> corpus;

  /**
   * What was measured.
   *
   * @param perplexity of all tokens
   * @param perplexityByCluster of the shortlist's tokens and of each tail cluster's; null for a cluster without any
   * @param tokens number of words and sentence ends
   */
  private record Evaluated(
      double perplexity, List<@Nullable Double> perplexityByCluster, long tokens)
      implements CommandResult {
    static Evaluated of(Perplexity perplexity) {
      return new Evaluated(
          perplexity.total(), TrainResult.byCluster(perplexity), perplexity.totalWords());
    }

    @Override
    public String text() {
      List<String> lines = new ArrayList<>();
      lines.add("%-16s %,d".formatted("tokens", tokens));
      lines.add("%-16s %,.1f".formatted("perplexity", perplexity));
      for (int i = 0; i < perplexityByCluster.size(); i++) {
        Double cluster = perplexityByCluster.get(i);
        lines.add(
            "%-16s %s"
                .formatted(
                    i == 0 ? "  shortlist" : "  tail cluster " + i,
                    cluster == null ? "no token" : "%,.1f".formatted(cluster)));
      }
      return String.join(System.lineSeparator(), lines);
    }
  }

  @Override
  public CommandResult call() throws IOException {
    Corpus text = Corpus.ofFiles(corpus);
    try (SavedLanguageModel loaded = SavedLanguageModel.load(model.directory(), trust.trusted())) {
      ClusterScores scores = loaded.evaluate(text);
      return Evaluated.of(new Perplexity(scores.words(), scores.nats()));
    }
  }
}
