package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Split;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Exports a published language model anew, with its tail weights in another form. */
@Command(
    name = "convert",
    description =
        "Export a language model anew, with other tail weights, and measure what that saves and"
            + " costs.")
final class ConvertCommand implements Callable<CommandResult> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Model directory; its highest version is read, with float32 tail weights.")
  private Path model;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Model directory; the model becomes its next version. May be the same.")
  private Path out;

  @Option(
      names = "--tail-weights",
      required = true,
      paramLabel = "FORM",
      converter = Choice.OfTailWeights.class,
      completionCandidates = Choice.OfTailWeights.class,
      description = Choice.OfTailWeights.DESCRIPTION + ".")
  private TailWeights tailWeights;

  @Mixin private final LearnedCorpusOption corpus = new LearnedCorpusOption();

  /**
   * What was exported.
   *
   * @param model the directory of the exported version
   * @param tailWeights what its form saves and costs
   */
  private record Converted(String model, TailWeightsCost tailWeights) implements CommandResult {
    @Override
    public String text() {
      List<String> lines = new ArrayList<>(List.of("%-28s %s".formatted("model", model)));
      lines.addAll(tailWeights.lines("%-28s %s"));
      return String.join(System.lineSeparator(), lines);
    }
  }

  @Override
  public CommandResult call() throws IOException {
    PublishedLanguageModel published =
        PublishedLanguageModel.read(new ModelDirectory(model).highestVersion());
    ModelDirectory directory = OutputDirectory.ofModel(out);
    Optional<Corpus> text = corpus.of(published);
    if (!corpus.isGiven()) { // What the model learned from would flatter it.
      text = text.map(whole -> whole.part(Split.VALIDATION));
    }
    var exporter = published.exporter().tailWeights(tailWeights).build();
    Path version = exporter.publish(directory, published.weights());
    TailWeightsCost cost = TailWeightsCost.ofSize(tailWeights, version, published.version());
    if (text.isPresent()) {
      cost = cost.on(text.get(), version, published.version());
    }
    return new Converted(version.toString(), cost);
  }
}
