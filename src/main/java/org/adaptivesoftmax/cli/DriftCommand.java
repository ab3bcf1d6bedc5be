package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.CostModel;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.lifecycle.Drift;
import org.adaptivesoftmax.lifecycle.DriftCounts;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.CountsAbout;
import org.adaptivesoftmax.text.CountsDirectory;
import org.adaptivesoftmax.text.Tokenizer;
import org.adaptivesoftmax.text.Vocabulary;
import org.adaptivesoftmax.text.WordCounts;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tells how far today's text is from the text that a model was built on. */
@Command(
    name = "drift",
    description = {
      "Tell how far text has moved from the text that a language model was built on, and whether to"
          + " keep the model, to re-bucket it onto new counts, or to train it anew.",
      "Every figure has an interval of 95 in 100. A threshold is exceeded if the interval lies above"
          + " it, so that little text raises no alarm."
    })
final class DriftCommand implements Callable<CommandResult> {
  @Mixin private final ModelOption model = new ModelOption();

  @ArgGroup(multiplicity = "1")
  private Text text = new Text();

  @Option(
      names = "--batch-rows",
      paramLabel = "N",
      description = "Rows of a training step, for its cost (default: ${DEFAULT-VALUE}).")
  private int batchRows = 640;

  @Mixin private final DriftThresholdOptions thresholds = new DriftThresholdOptions();

  /** What to compare the model with. */
  private static final class Text {
    @Option(
        names = "--counts",
        required = true,
        paramLabel = "DIR",
        description = "Counts of today's text, exact or approximate.")
    private @Nullable Path counts;

    @Option(
        names = "--corpus",
        required = true,
        arity = "1..*",
        paramLabel = "FILE",
        converter = InputFile.class,
        description = "Today's text, one sentence a line, plain or compressed by gzip or zstd.")
    private List<Path> corpus = List.of();
  }

  @Override
  public CommandResult call() throws IOException {
    Path version = model.directory().highestVersion();
    PublishedLanguageModel published = PublishedLanguageModel.read(version);
    CountsAbout counted = published.counted();
    if (counted == null) {
      throw new IllegalArgumentException("the model has no counts: " + version);
    }
    Require.argument(
        counted.tokenizer().equals(Tokenizer.ID),
        "counts must be of the tokenizer %s: %s has those of %s",
        Tokenizer.ID,
        version,
        counted.tokenizer());
    DriftCounts counts = counts(published);
    Drift drift = Drift.of(counts, CostModel.ofBatch(batchRows)::expectedCostOfShares);
    return DriftResult.of(
        version, published.vocabulary(), drift, drift.advice(thresholds.thresholds()));
  }

  private DriftCounts counts(PublishedLanguageModel published) throws IOException {
    Vocabulary then = published.vocabulary();
    ClusterPlan plan = published.configuration().plan();
    if (text.counts == null) {
      return DriftCounts.of(plan, then, WordCounts.of(Corpus.ofFiles(text.corpus)), 0);
    }
    CountsDirectory directory = new CountsDirectory(text.counts);
    return DriftCounts.of(plan, then, directory.readWords(), directory.about().maxError());
  }
}
