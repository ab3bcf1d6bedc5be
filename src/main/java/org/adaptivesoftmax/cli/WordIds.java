package org.adaptivesoftmax.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.adaptivesoftmax.training.LanguageModelText;

/**
 * A text as files of word ids, as {@code tools/bench/language_model_pytorch.py} reads it: {@code train.int32} and {@code
 * validation.int32}, little-endian, and {@code text.json} with {@code vocabulary}, the number of words, and {@code
 * boundary}.
 */
public final class WordIds {
  private WordIds() {}

  /**
   * Writes a text.
   *
   * @param directory created if it is missing
   * @param vocabulary number of words
   * @throws IOException if it cannot be written
   */
  public static void write(LanguageModelText text, Path directory, int vocabulary)
      throws IOException {
    Files.createDirectories(directory);
    Files.write(directory.resolve("train.int32"), littleEndian(text.train()));
    Files.write(directory.resolve("validation.int32"), littleEndian(text.validation()));
    Files.write(
        directory.resolve("text.json"),
        new JsonMapper()
            .writeValueAsBytes(
                new TreeMap<>(Map.of("vocabulary", vocabulary, "boundary", text.boundary()))));
  }

  private static byte[] littleEndian(int[] words) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(words.length, Integer.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(words);
    return bytes.array();
  }
}
