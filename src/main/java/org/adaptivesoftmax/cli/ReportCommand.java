package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.adaptivesoftmax.cli.FirstSession.Threaded;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.internal.io.OptionalLibrary;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.io.UnfinishedDirectory;
import org.adaptivesoftmax.lifecycle.QualityMeasurement;
import org.adaptivesoftmax.lifecycle.QualityReport;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.LabelledCorpus;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reports how good a model is, for whom, and against which. */
@Command(
    name = "report",
    description = {
      "Report how well a language model predicts text, by cluster, by frequency and by group, against"
          + " other versions or models, as one HTML page and as JSON.",
      "Give text that no model has learned. Every figure has an interval of 95 in 100, by resampling"
          + " whole lines."
    })
final class ReportCommand implements Callable<CommandResult>, Threaded {
  private static final String PAGE = "report.html";
  private static final String JSON = "report.json";

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description =
          "Model directory, whose highest version is used, or the directory of a version.")
  private Path model;

  @Option(
      names = "--against",
      arity = "1..*",
      paramLabel = "DIR",
      description =
          "The same, of a model to compare with, may be given several times: another version, or a"
              + " full softmax of the same network.")
  private List<Path> against = new ArrayList<>();

  @Option(
      names = "--corpus",
      required = true,
      arity = "1..*",
      paramLabel = "FILE",
      converter = InputFile.class,
      description = "Text, one sentence a line, plain or compressed by gzip or zstd.")
  private List<Path> corpus;

  @Option(
      names = "--groups",
      paramLabel = "FILE",
      converter = InputFile.class,
      description =
          "Text of groups, one group<TAB>text a line: languages, dialects, domains, customers.")
  private @Nullable Path groups;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where report.html and report.json go. A report that stands there is replaced.")
  private Path out;

  @Option(
      names = "--temperatures",
      split = ",",
      paramLabel = "T",
      description =
          "Generate texts at these temperatures, and report how varied they are (default: none).")
  private List<Double> temperatures = new ArrayList<>();

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "Texts to generate at each temperature (default: ${DEFAULT-VALUE}).")
  private int samples = QualityMeasurement.DEFAULT_SAMPLES;

  @Option(
      names = "--resamples",
      paramLabel = "N",
      description = "Replicates of the bootstrap (default: ${DEFAULT-VALUE}).")
  private int resamples = QualityMeasurement.DEFAULT_RESAMPLES;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of every random choice (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private final ThreadsOption threads = new ThreadsOption();

  @Override
  public int threads() {
    return threads.threads();
  }

  @Override
  public CommandResult call() throws IOException {
    OptionalLibrary.XCHART.require("the report's plots");
    requireReplaceable(OutputDirectory.of(out));
    PublishedLanguageModel published = PublishedLanguageModel.read(ModelDirectory.version(model));
    Corpus text = Corpus.ofFiles(corpus);
    QualityMeasurement.Builder settings =
        QualityMeasurement.builder(published, text)
            .resamples(resamples)
            .seed(seed)
            .generation(temperatures, samples);
    for (Path other : against) {
      settings.against(PublishedLanguageModel.read(ModelDirectory.version(other)));
    }
    if (groups != null) {
      settings.groups(LabelledCorpus.ofFile(groups));
    }
    QualityReport report;
    try (Progress progress = new Progress("report", "tokens", -1)) {
      report = settings.progress(tokens -> progress.step(tokens, "")).build().run();
    }
    ReportResult result = ReportResult.of(out, published, report, text);
    write(result);
    return result;
  }

  private static void requireReplaceable(Path place) throws IOException {
    if (Files.exists(place)) {
      try (Stream<Path> files = Files.list(place)) {
        Require.argument(
            files.allMatch(file -> List.of(PAGE, JSON).contains(file.getFileName().toString())),
            "--out holds something else than a report: %s",
            place);
      }
    }
  }

  /** Both files, or neither. */
  private void write(ReportResult result) throws IOException {
    Path place = out.toAbsolutePath();
    Path parent = Objects.requireNonNull(place.getParent());
    try (UnfinishedDirectory unfinished = UnfinishedDirectory.create(parent)) {
      Path directory = unfinished.directory();
      Files.writeString(directory.resolve(PAGE), ReportPage.of(result), StandardCharsets.UTF_8);
      Files.writeString(
          directory.resolve(JSON), MainCommand.json(result) + "\n", StandardCharsets.UTF_8);
      unfinished.moveTo(place);
    }
  }
}
