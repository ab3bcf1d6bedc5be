package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.ProvenanceKeys;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Split;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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

  @Option(
      names = "--corpus",
      arity = "1..*",
      paramLabel = "FILE",
      converter = InputFile.class,
      description =
          "Text to measure the perplexity on, one sentence a line (default: the validation part of"
              + " WordNet's definitions, for a model that learned them).")
  private List<Path> corpus = new ArrayList<>();

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
    Corpus text = text(published);
    var exporter = published.exporter().tailWeights(tailWeights).build();
    Path version = exporter.publish(directory, published.weights());
    TailWeightsCost cost = TailWeightsCost.ofSize(tailWeights, version, published.version());
    return new Converted(
        version.toString(), text == null ? cost : cost.on(text, version, published.version()));
  }

  private @Nullable Corpus text(PublishedLanguageModel published) throws IOException {
    if (!corpus.isEmpty()) {
      return Corpus.ofFiles(corpus);
    }
    Corpus wordNet = Corpus.wordNet();
    return wordNet.name().equals(published.provenance().values().get(ProvenanceKeys.CORPUS))
        ? wordNet.part(Split.VALIDATION)
        : null;
  }
}
