package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.adaptivesoftmax.cli.WordIds;
import org.adaptivesoftmax.training.LanguageModelText;

/** A text as {@link WordIds#write} wrote it for the workers of a benchmark. */
final class WrittenText {
  private WrittenText() {}

  /**
   * Reads it.
   *
   * @param boundary the word that ends each sentence
   */
  static LanguageModelText read(Path directory, int boundary) throws IOException {
    return new LanguageModelText(
        words(directory.resolve("train.int32")),
        words(directory.resolve("validation.int32")),
        boundary);
  }

  private static int[] words(Path file) throws IOException {
    IntBuffer ids =
        ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    int[] words = new int[ids.remaining()];
    ids.get(words);
    return words;
  }
}
