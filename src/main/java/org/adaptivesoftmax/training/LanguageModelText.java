package org.adaptivesoftmax.training;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.adaptivesoftmax.internal.io.Require;

/**
 * What a language model is trained on: word ids, ranked by frequency.
 *
 * @param train the text to learn
 * @param validation the text that perplexity is reported for
 * @param boundary the word that ends each sentence, and precedes the first
 */
@SuppressWarnings("ArrayRecordComponent") // Millions of ids, handed over, never compared.
public record LanguageModelText(int[] train, int[] validation, int boundary) {
  /**
   * Checks that every id is a word.
   *
   * @throws IllegalArgumentException if one is not in 0..vocabulary−1
   */
  void requireWithin(int vocabulary) {
    requireWithin("train", train, vocabulary);
    requireWithin("validation", validation, vocabulary);
    requireWithin("boundary", new int[] {boundary}, vocabulary);
  }

  private static void requireWithin(String name, int[] words, int vocabulary) {
    for (int word : words) {
      Require.argument(
          word >= 0 && word < vocabulary,
          "%s holds word %d, the vocabulary is 0..%d",
          name,
          word,
          vocabulary - 1);
    }
  }

  /** A number that changes with the training text. */
  int fingerprint() {
    return Arrays.hashCode(train);
  }

  /**
   * Writes the text for {@code tools/bench/language_model_pytorch.py}: {@code train.int32} and {@code validation.int32},
   * little-endian, and {@code text.json}.
   *
   * @param directory created if it is missing
   * @param vocabulary number of words
   * @throws IOException if it cannot be written
   */
  public void write(Path directory, int vocabulary) throws IOException {
    Files.createDirectories(directory);
    Files.write(directory.resolve("train.int32"), littleEndian(train));
    Files.write(directory.resolve("validation.int32"), littleEndian(validation));
    Files.writeString(
        directory.resolve("text.json"),
        "{\"vocabulary\": " + vocabulary + ", \"boundary\": " + boundary + "}\n");
  }

  private static byte[] littleEndian(int[] words) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(words.length, Integer.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(words);
    return bytes.array();
  }
}
