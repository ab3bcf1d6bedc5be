package org.adaptivesoftmax.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.bench.convergence.ConvergenceReport;
import org.adaptivesoftmax.bench.convergence.ConvergenceStudy;
import org.adaptivesoftmax.cli.CommandResult;
import org.adaptivesoftmax.cli.InputFile;
import org.adaptivesoftmax.text.Corpus;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code bench convergence}. */
@Command(
    name = "convergence",
    description = {
      "Train a language model with an adaptive and with a full softmax until its validation perplexity no longer falls, the"
          + " learning rate chosen for each, and compare their perplexities on the test text by frequency.",
      "This takes hours. It may be interrupted at any time: the same command goes on after the last epoch."
    })
final class ConvergenceCommand implements Callable<CommandResult> {
  private static final int MAX_EPOCHS = 8;

  @Option(
      names = "--corpus",
      paramLabel = "FILE",
      converter = InputFile.class,
      description = "Text, may be given several times. Default: WordNet's definitions.")
  private List<Path> corpus = new ArrayList<>();

  @Option(
      names = "--words",
      split = ",",
      paramLabel = "N",
      description =
          "Sizes of the vocabulary, the most frequent words; 0 for all. Default: 20000,0.")
  private List<Integer> words = List.of(20_000, 0);

  @Option(
      names = "--seeds",
      split = ",",
      paramLabel = "N",
      description = "How many seeds for each of them. Default: 3,1.")
  private List<Integer> seeds = List.of(3, 1);

  @Option(
      names = "--max-epochs",
      paramLabel = "N",
      description = "No training is longer. Default: ${DEFAULT-VALUE}.")
  private int maxEpochs = MAX_EPOCHS;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Where the trainings are kept, a small file each. Default: docs/bench/convergence in the project.")
  private @Nullable Path out;

  @Override
  public CommandResult call() throws Exception {
    if (words.size() != seeds.size()) {
      throw new IllegalArgumentException(
          "--seeds must have a number for each of --words: %s, %s".formatted(seeds, words));
    }
    List<ConvergenceStudy.Vocabulary> vocabularies = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      vocabularies.add(new ConvergenceStudy.Vocabulary(words.get(i), seeds.get(i)));
    }
    ConvergenceReport report =
        new ConvergenceStudy(
                corpus.isEmpty() ? Corpus.wordNet() : Corpus.ofFiles(corpus),
                vocabularies,
                maxEpochs,
                out != null ? out : BenchFiles.inProject("docs/bench/convergence"),
                BenchFiles.inProject("target/convergence"),
                System.err::println)
            .run();
    return BenchResult.of(report.text(), report);
  }
}
