package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.bench.study.EncoderTrials;
import org.adaptivesoftmax.bench.study.NGramTrials;
import org.adaptivesoftmax.bench.study.Study;
import org.adaptivesoftmax.bench.study.StudyData;
import org.adaptivesoftmax.bench.study.StudyReport;
import org.adaptivesoftmax.bench.study.StudySettings;
import org.adaptivesoftmax.bench.study.Trials;
import org.adaptivesoftmax.cli.CommandResult;
import org.adaptivesoftmax.cli.NamedEncoder;
import org.adaptivesoftmax.model.EncoderClassifierConfiguration;
import org.adaptivesoftmax.pytorch.PretrainedEncoder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Compares AS-Softmax with softmax. */
@Command(
    name = "as-softmax-study",
    description = {
      "Train classifiers with softmax, AS-Softmax, AS-Softmax with a warm-up, AS-Speed, row skipping, sparsemax,"
          + " entmax-1.5 and the focal loss, several seeds each, on WordNet's definitions and on the data sets that are given. Runs that are done with the same options"
          + " are not done again. Writes report.md, report.json and PNG plots.",
      "CLINC150 (Larson et al., 2019): data_full.json of github.com/clinc/oos-eval, its in-scope train, val and test lists,"
          + " each pair [text, label] as a line label<TAB>text.",
      "SST-5 (Socher et al., 2013): train.txt, dev.txt and test.txt of the Stanford Sentiment Treebank"
          + " (nlp.stanford.edu/sentiment), each sentence with its class 1 to 5 as a line label<TAB>text."
    })
final class AsSoftmaxStudyCommand implements Callable<CommandResult> {
  @Option(
      names = "--data",
      paramLabel = "NAME=TRAIN,VALIDATION,TEST",
      description = "A data set of files with a line label<TAB>text; may be given several times.")
  private List<String> data = new ArrayList<>();

  @Option(names = "--no-wordnet", description = "Leave WordNet out.")
  private boolean noWordNet;

  @Option(
      names = "--encoder",
      paramLabel = "DIR",
      description =
          "Fine-tune a pretrained encoder, as train-classifier does, with softmax, AS-Softmax, speculative skipping and"
              + " AS-Speed, and without WordNet: a directory, or minilm.")
  private @Nullable String encoder;

  @Option(
      names = "--frozen-embeddings",
      description =
          "With --encoder: softmax with the embeddings as they are, too; all others update the rows of a batch's words.")
  private boolean frozenEmbeddings;

  @Option(
      names = "--merge",
      paramLabel = "DIR",
      description =
          "Train nothing, and make one report of those of two or more studies, each of data sets of its own, done with the"
              + " same epochs and delta; given once for each.")
  private List<Path> merged = new ArrayList<>();

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Runs of each data set and variant (default: ${DEFAULT-VALUE}).")
  private int seeds = 5;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Epochs of every run (default: 12, or 3 with --encoder).")
  private @Nullable Integer epochs;

  @Option(
      names = "--delta",
      paramLabel = "D",
      description = "AS-Softmax's delta (default: ${DEFAULT-VALUE}).")
  private double delta = 0.1;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Where runs and report go (default: target/as-softmax-study in the project, or target/encoder-study with --encoder).")
  private @Nullable Path out;

  @Override
  public CommandResult call() throws Exception {
    return report(merged.isEmpty() ? study() : merge());
  }

  private static CommandResult report(StudyReport report) throws IOException {
    return BenchResult.of(report.markdown().stripTrailing(), report);
  }

  private StudyReport merge() throws IOException {
    Path to = out;
    if (merged.size() < 2 || to == null || !data.isEmpty() || encoder != null) {
      throw new IllegalArgumentException(
          "--merge takes two directories or more and --out, and neither --data nor --encoder");
    }
    return StudyReport.merge(merged, to);
  }

  private StudyReport study() throws IOException, InterruptedException {
    String pretrained = encoder;
    if (frozenEmbeddings && pretrained == null) {
      throw new IllegalArgumentException("--frozen-embeddings needs --encoder");
    }
    int runEpochs = epochs != null ? epochs : pretrained == null ? 12 : 3;
    StudySettings settings = new StudySettings(seeds, runEpochs, delta);
    List<StudyData> sets = new ArrayList<>();
    for (String description : data) {
      sets.add(StudyData.parse(description));
    }
    if (!noWordNet && pretrained == null) {
      sets.add(StudyData.wordNet());
    }
    if (sets.isEmpty()) {
      throw new IllegalArgumentException(
          (pretrained == null ? "--no-wordnet" : "--encoder")
              + " leaves no data set: give one by --data");
    }
    Trials trials = pretrained == null ? new NGramTrials() : encoderTrials(pretrained);
    return new Study(sets, settings, directory(), System.err::println, trials).run();
  }

  private Trials encoderTrials(String value) throws IOException, InterruptedException {
    PretrainedEncoder pretrained = NamedEncoder.read(value);
    int positions = pretrained.configuration().embeddings().positions();
    return new EncoderTrials(
        pretrained,
        Math.min(EncoderClassifierConfiguration.DEFAULT_MAX_LENGTH, positions),
        frozenEmbeddings);
  }

  private Path directory() {
    return out != null
        ? out
        : Path.of(
            System.getProperty("adaptivesoftmax.home", ""),
            "target",
            encoder == null ? "as-softmax-study" : "encoder-study");
  }
}
