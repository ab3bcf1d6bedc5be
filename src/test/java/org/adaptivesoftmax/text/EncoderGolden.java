package org.adaptivesoftmax.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.StreamSupport;

/**
 * A tiny BERT with random weights in a directory as Hugging Face has it, and what Hugging Face's tokenizers and transformers
 * made of texts with it.
 */
public final class EncoderGolden {
  private EncoderGolden() {}

  /** The directory. */
  public static Path directory() {
    try {
      return Path.of(Objects.requireNonNull(EncoderGolden.class.getResource("/encoder")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  public static JsonNode json() throws IOException {
    return JsonMapper.builder()
        .build()
        .readTree(Files.readAllBytes(directory().resolve("golden.json")));
  }

  /** The texts: accents, Hangul, CJK, emoji, control characters, words that are too long, and no text at all. */
  public static List<String> texts() throws IOException {
    List<String> texts = new ArrayList<>();
    json().get("texts").forEach(text -> texts.add(text.textValue()));
    return texts;
  }

  /** A list of lists of numbers. */
  public static List<double[]> rows(String name) throws IOException {
    return StreamSupport.stream(json().get(name).spliterator(), false)
        .map(
            row ->
                StreamSupport.stream(row.spliterator(), false)
                    .mapToDouble(JsonNode::doubleValue)
                    .toArray())
        .toList();
  }

  /** A list of lists of ids. */
  public static List<int[]> ids(String name) throws IOException {
    return rows(name).stream()
        .map(row -> Arrays.stream(row).mapToInt(id -> (int) id).toArray())
        .toList();
  }
}
