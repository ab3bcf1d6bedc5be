package org.adaptivesoftmax.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.internal.io.OptionalLibrary;

/** The tokenizer of a Hugging Face directory, in either of the two forms that BERT's models have it. */
final class WordPieceFiles {
  private static final String VOCABULARY = "vocab.txt";
  private static final String SETTINGS = "tokenizer_config.json";
  private static final String TOKENIZER = "tokenizer.json";

  private WordPieceFiles() {}

  static WordPieceTokenizer read(Path directory) throws IOException {
    Path whole = directory.resolve(TOKENIZER);
    Path vocabulary = directory.resolve(VOCABULARY);
    if (Files.exists(whole)) {
      OptionalLibrary.JACKSON.require("a tokenizer's file");
      return WordPieceJson.tokenizer(whole);
    }
    if (!Files.exists(vocabulary)) {
      throw new TextFileException(
          "%s: neither %s nor %s".formatted(directory, TOKENIZER, VOCABULARY));
    }
    Path settings = directory.resolve(SETTINGS);
    BertCharacters characters = BertCharacters.UNCASED;
    if (Files.exists(settings)) {
      OptionalLibrary.JACKSON.require("a tokenizer's file");
      characters = WordPieceJson.characters(settings);
    }
    return tokenizer(vocabulary, lines(vocabulary), characters);
  }

  private static List<String> lines(Path vocabulary) throws IOException {
    List<String> pieces = new ArrayList<>();
    try (InputStream in = Files.newInputStream(vocabulary)) {
      TextLines.forEach(in, vocabulary.toString(), (number, line) -> pieces.add(line));
    }
    return pieces;
  }

  /** A tokenizer whose error names its file. */
  static WordPieceTokenizer tokenizer(Path file, List<String> pieces, BertCharacters characters)
      throws TextFileException {
    try {
      return WordPieceTokenizer.of(pieces, characters);
    } catch (IllegalArgumentException e) {
      TextFileException wrong = new TextFileException(file + ": " + e.getMessage());
      wrong.initCause(e);
      throw wrong;
    }
  }
}
