package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.savedmodel.ProvenanceKeys;
import org.adaptivesoftmax.text.Corpus;
import picocli.CommandLine.Option;

/** The option of a command that needs text for a published language model: by default what the model learned, if that is known. */
final class LearnedCorpusOption {
  @Option(
      names = "--corpus",
      arity = "1..*",
      paramLabel = "FILE",
      converter = InputFile.class,
      description =
          "Text, one sentence a line (default: WordNet's definitions, for a model that learned"
              + " them).")
  private List<Path> corpus = new ArrayList<>();

  /** Whether text is given. */
  boolean isGiven() {
    return !corpus.isEmpty();
  }

  /** The text that is given, or WordNet's definitions if the model learned them. */
  Optional<Corpus> of(PublishedLanguageModel model) throws IOException {
    if (isGiven()) {
      return Optional.of(Corpus.ofFiles(corpus));
    }
    Object learned = model.provenance().values().get(ProvenanceKeys.CORPUS);
    return Optional.of(Corpus.wordNet()).filter(wordNet -> wordNet.name().equals(learned));
  }
}
