package org.adaptivesoftmax.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.internal.io.JsonFile;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;

/** The JSON of Hugging Face's tokenizers, apart from the rest: without Jackson this class does not link. */
final class WordPieceJson {
  /** More than the pieces of any language take. */
  private static final long MAX_BYTES = 1 << 28;

  private WordPieceJson() {}

  /** Reads a {@code tokenizer.json}. */
  static WordPieceTokenizer tokenizer(Path file) throws IOException {
    JsonNode root = read(file);
    try {
      JsonNode model = root.path("model");
      requireType(model, "model", "WordPiece");
      requireValue(model, "unk_token", WordPieceTokenizer.UNKNOWN);
      requireValue(model, "continuing_subword_prefix", WordPieceTokenizer.CONTINUATION);
      JsonNode longest = model.path("max_input_chars_per_word");
      Require.argument(
          longest.asInt() == WordPieceTokenizer.LONGEST_WORD,
          "max_input_chars_per_word must be %d: %s",
          WordPieceTokenizer.LONGEST_WORD,
          longest);
      JsonNode normalizer = root.path("normalizer");
      requireType(normalizer, "normalizer", "BertNormalizer");
      Require.argument(
          normalizer.path("clean_text").asBoolean(true), "clean_text must be true: false");
      requireType(root.path("pre_tokenizer"), "pre_tokenizer", "BertPreTokenizer");
      return WordPieceTokenizer.of(
          pieces(model.path("vocab")), characters(normalizer, "lowercase", "handle_chinese_chars"));
    } catch (IllegalArgumentException e) {
      throw wrong(file, String.valueOf(e.getMessage()), e);
    }
  }

  /** Reads the settings of a {@code tokenizer_config.json}. */
  static BertCharacters characters(Path file) throws IOException {
    return characters(read(file), "do_lower_case", "tokenize_chinese_chars");
  }

  private static BertCharacters characters(JsonNode settings, String lowerCase, String ideographs) {
    boolean small = settings.path(lowerCase).asBoolean(true);
    JsonNode accents = settings.path("strip_accents");
    return new BertCharacters(
        small,
        accents.isBoolean() ? accents.booleanValue() : small,
        settings.path(ideographs).asBoolean(true));
  }

  private static List<String> pieces(JsonNode vocabulary) {
    Require.argument(vocabulary.isObject() && !vocabulary.isEmpty(), "no vocab");
    @Nullable String[] pieces = new String[vocabulary.size()];
    for (Map.Entry<String, JsonNode> entry : vocabulary.properties()) {
      int id = entry.getValue().isInt() ? entry.getValue().intValue() : -1;
      Require.argument(
          id >= 0 && id < pieces.length && pieces[id] == null,
          "ids of vocab must be 0 to %d, each once: %s has %s",
          pieces.length - 1,
          entry.getKey(),
          entry.getValue());
      pieces[id] = entry.getKey();
    }
    return Arrays.stream(pieces).map(String::valueOf).toList();
  }

  private static void requireType(JsonNode node, String name, String type) {
    Require.argument(
        node.path("type").asText().equals(type),
        "%s must be %s: %s",
        name,
        type,
        node.path("type").asText("none"));
  }

  private static void requireValue(JsonNode node, String key, String value) {
    Require.argument(
        node.path(key).asText().equals(value), "%s must be %s: %s", key, value, node.path(key));
  }

  private static JsonNode read(Path file) throws IOException {
    try {
      return JsonFile.read(file, MAX_BYTES);
    } catch (IllegalArgumentException e) {
      TextFileException wrong = new TextFileException(String.valueOf(e.getMessage()));
      wrong.initCause(e);
      throw wrong;
    }
  }

  private static TextFileException wrong(Path file, String problem, Exception cause) {
    TextFileException wrong = new TextFileException(file + ": " + problem);
    wrong.initCause(cause);
    return wrong;
  }
}
